using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Serialization;
using Orleans.Serialization.Configuration;
using Sluice.Grains.Interfaces;

namespace Sluice.Silo.Clustering;

/// <summary>
/// The types that silos and edges may name to each other. Each type with a serializer of its own is known already; this says what else there is, and no to all
/// other names, before anything of that name is looked for or loaded. It stands in the place of Orleans' own filters, which leave the rest open.
/// </summary>
public sealed class KnownTypes : ITypeNameFilter
{
    // The runtime's own library is not named.
    private const string Runtime = "System.Private.CoreLib";

    // What Orleans writes by these short names.
    private static readonly FrozenSet<string> Simple = FrozenSet.ToFrozenSet(
        [
            "object", "string", "char", "sbyte", "byte", "bool", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "decimal", "Guid", "TimeSpan", "DateTime",
            "DateTimeOffset", "Type", "System.Object", "System.String", "System.Char", "System.SByte", "System.Byte", "System.Boolean", "System.Int16", "System.UInt16", "System.Int32",
            "System.UInt32", "System.Int64", "System.UInt64", "System.Single", "System.Double", "System.Decimal", "System.Guid", "System.TimeSpan", "System.DateTime",
            "System.DateTimeOffset", "System.Type",
        ],
        StringComparer.Ordinal);

    private readonly FrozenSet<string> _aliases;
    private readonly FrozenSet<string> _enums;

    /// <summary>Knows what the serializers of this process declare.</summary>
    public KnownTypes(IOptions<TypeManifestOptions> manifest)
    {
        _aliases = manifest.Value.WellKnownTypeAliases.Keys.ToFrozenSet(StringComparer.Ordinal);

        // As an argument of a generic type an enum is named, and it has no serializer of its own.
        _enums = typeof(EdgeCallableAttribute).Assembly.GetExportedTypes().Where(t => t.IsEnum).Select(t => t.FullName!).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Puts it in the place of all other filters.</summary>
    public static void UseOn(IServiceCollection services)
    {
        services.RemoveAll<ITypeNameFilter>();
        services.RemoveAll<ITypeFilter>();
        services.AddSingleton<ITypeNameFilter, KnownTypes>();
        services.Configure<TypeManifestOptions>(manifest => manifest.AllowAllTypes = false);
    }

    /// <inheritdoc/>
    public bool? IsTypeNameAllowed(string typeName, string assemblyName)
    {
        var assembly = assemblyName.Split(',')[0].Trim();
        if (assembly.Length is 0 || string.Equals(assembly, Runtime, StringComparison.Ordinal))
        {
            // Null leaves these to Orleans, which knows them; a name that is neither is of the runtime's library, and known only if it is harmless.
            return Simple.Contains(typeName) || _aliases.Contains(typeName) ? null : IsHarmless(typeName);
        }

        return assembly.StartsWith("Orleans.", StringComparison.Ordinal)
            || (assembly.StartsWith("System.", StringComparison.Ordinal) && IsHarmless(typeName))
            || (IsException(typeName) && (assembly.StartsWith("Microsoft.", StringComparison.Ordinal) || assembly.StartsWith("Azure.", StringComparison.Ordinal)))
            || (string.Equals(assembly, typeof(EdgeCallableAttribute).Assembly.GetName().Name, StringComparison.Ordinal) && _enums.Contains(typeName));
    }

    // Of the libraries of .NET: what is thrown, what is collected, what compares, and addresses.
    private static bool IsHarmless(string typeName) => IsException(typeName)
        || (typeName.StartsWith("System.", StringComparison.Ordinal) && typeName.EndsWith("Comparer", StringComparison.Ordinal))
        || typeName.StartsWith("System.Collections.", StringComparison.Ordinal)
        || typeName.StartsWith("System.Net.IP", StringComparison.Ordinal);

    private static bool IsException(string typeName) => typeName.EndsWith(nameof(Exception), StringComparison.Ordinal);
}
