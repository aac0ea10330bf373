using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans;
using Orleans.Runtime;

namespace Sluice.Tests.Unit.Architecture;

/// <summary>What silos and edges send each other, as it is declared: the names and numbers that stand on the wire and must not change while two releases run side by side.</summary>
internal static class WireContract
{
    private static readonly Type[] All =
        [.. new[] { "Sluice.Grains.Interfaces", "Sluice.Grains", "Sluice.Revisions", "Sluice.Edge", "Sluice.Storage" }.SelectMany(name => Assembly.Load(name).GetTypes()).Where(t => !t.IsDefined(typeof(CompilerGeneratedAttribute)))];

    /// <summary>Each type that is sent.</summary>
    public static IEnumerable<Type> Sent => All.Where(t => t.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));

    /// <summary>Each interface that is called.</summary>
    public static IEnumerable<Type> Called => All.Where(t => t.IsInterface && t.IsAssignableTo(typeof(IAddressable)));

    /// <summary>Each enum of the contracts: its numbers are sent, its names are stored.</summary>
    public static IEnumerable<Type> Named => All.Where(t => t.IsEnum && string.Equals(t.Assembly.GetName().Name, "Sluice.Grains.Interfaces", StringComparison.Ordinal));

    /// <summary>The alias that stands on a type or a method itself, or null.</summary>
    public static string? Alias(MemberInfo member) => member.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;

    /// <summary>What of a type's own state is sent: its number, or null where none is written, its name and its type.</summary>
    public static IEnumerable<(uint? Id, string Name, Type Type)> Members(Type type) =>
        from field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where !field.IsDefined(typeof(NonSerializedAttribute), inherit: false) && !type.IsEnum
        let property = field.Name.StartsWith('<') ? type.GetProperty(field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)], BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) : null
        let id = ((MemberInfo?)property ?? field).GetCustomAttribute<IdAttribute>()?.Id
        select (id, property?.Name ?? field.Name, field.FieldType);

    /// <summary>The whole contract as lines of text in a stable order.</summary>
    public static IEnumerable<string> Lines() =>
        Sent.OrderBy(Alias, StringComparer.Ordinal).SelectMany(t => Members(t).OrderBy(m => m.Id).Select(m => $"{m.Id}: {Name(m.Type)}").Select(l => "  " + l)
                .Prepend($"type {Alias(t)}{(t.BaseType is { } parent && Alias(parent) is { } above ? $" : {above}" : "")}"))
            .Concat(Called.OrderBy(Alias, StringComparer.Ordinal).SelectMany(t => t.GetMethods().Where(m => m.IsAbstract).OrderBy(Alias, StringComparer.Ordinal)
                .Select(m => $"  {Alias(m)}({string.Join(", ", m.GetParameters().Select(p => Name(p.ParameterType)))}): {Name(m.ReturnType)}").Prepend($"grain {Alias(t)}")))
            .Concat(Named.OrderBy(t => t.Name, StringComparer.Ordinal).SelectMany(t => Enum.GetNames(t).Select(name => $"  {Enum.Format(t, Enum.Parse(t, name), "d")}: {name}").Prepend($"enum {t.Name}")));

    // A type's alias where it has one: renaming the class is no change on the wire.
    private static string Name(Type type) =>
        type.IsArray ? $"{Name(type.GetElementType()!)}[]"
        : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : Alias(type) ?? type.Name;
}
