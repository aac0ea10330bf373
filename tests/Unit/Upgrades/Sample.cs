using System.Collections.Immutable;
using System.Reflection;
using System.Text;

namespace Sluice.Tests.Unit.Upgrades;

/// <summary>Makes a value of any type of a contract, the same each time, with no member left at its default and no two texts alike.</summary>
internal sealed class Sample
{
    private static readonly DateTimeOffset Start = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private int _number;

    private Sample()
    {
    }

    /// <summary>A value of a type.</summary>
    /// <exception cref="NotSupportedException">There is no rule for a type that it is made of.</exception>
    public static object Of(Type type) => new Sample().Make(type);

    private object Make(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Make(inner);
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).Cast<object>().Last();
        }

        _number++;
        return type.IsGenericType && string.Equals(type.Namespace, typeof(ImmutableArray).Namespace, StringComparison.Ordinal) ? Collection(type)
            : type == typeof(bool) ? true
            : type == typeof(int) ? _number
            : type == typeof(long) ? _number * 1_000_000_007L
            : type == typeof(double) ? _number + 0.25
            : type == typeof(string) ? FormattableString.Invariant($"text {_number} ä")
            : type == typeof(byte[]) ? Encoding.UTF8.GetBytes(FormattableString.Invariant($$"""{"number":{{_number}}}"""))
            : type == typeof(DateTimeOffset) ? Start.AddSeconds(_number)
            : type == typeof(DateOnly) ? DateOnly.FromDateTime(Start.UtcDateTime).AddDays(_number)
            : type == typeof(TimeSpan) ? TimeSpan.FromMilliseconds(1500 + _number)
            : type.IsAssignableTo(typeof(Exception)) ? Failure(type)
            : type.Assembly.GetName().Name!.StartsWith("Sluice.", StringComparison.Ordinal) && !type.IsAbstract ? Record(type)
            : throw new NotSupportedException($"{nameof(Sample)} has no rule for {type}: add one.");
    }

    private object Collection(Type type)
    {
        var items = type.GetGenericArguments();
        return type.GetGenericTypeDefinition() switch
        {
            var t when t == typeof(ImmutableArray<>) => Call(nameof(Array), items),
            var t when t == typeof(ImmutableSortedSet<>) => Call(nameof(SortedSet), items),
            var t when t == typeof(ImmutableDictionary<,>) => Call(nameof(Dictionary), items[1]),
            var t when t == typeof(ImmutableSortedDictionary<,>) => Call(nameof(SortedDictionary), items[1]),
            _ => throw new NotSupportedException($"{nameof(Sample)} has no rule for {type}: add one."),
        };
    }

    private object Call(string method, params Type[] items) =>
        typeof(Sample).GetMethod(method, BindingFlags.Instance | BindingFlags.NonPublic)!.MakeGenericMethod(items).Invoke(this, [])!;

    private ImmutableArray<T> Array<T>() => [(T)Make(typeof(T)), (T)Make(typeof(T))];

    private ImmutableSortedSet<T> SortedSet<T>() => [(T)Make(typeof(T)), (T)Make(typeof(T))];

    // One entry: of several the order is another in each process.
    private ImmutableDictionary<string, T> Dictionary<T>() => ImmutableDictionary<string, T>.Empty.Add((string)Make(typeof(string)), (T)Make(typeof(T)));

    private ImmutableSortedDictionary<string, T> SortedDictionary<T>() => ImmutableSortedDictionary.Create<string, T>(StringComparer.Ordinal)
        .Add((string)Make(typeof(string)), (T)Make(typeof(T)))
        .Add((string)Make(typeof(string)), (T)Make(typeof(T)));

    private object Record(Type type)
    {
        // A struct has none of its own where it takes nothing.
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length);
        var parameters = constructor?.GetParameters() ?? [];
        var made = constructor?.Invoke([.. parameters.Select(p => Make(p.ParameterType))]) ?? Activator.CreateInstance(type)!;
        var given = parameters.Select(p => p.Name!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        Fill(made, type, property => !given.Contains(property.Name));
        return made;
    }

    private object Failure(Type type)
    {
        var made = type.GetConstructors().Single(c => c.GetParameters() is [{ ParameterType: var message }, ..] && message == typeof(string)
            && c.GetParameters().Length == type.GetConstructors().Max(x => x.GetParameters().Length)).Invoke([Make(typeof(string)), null]);
        Fill(made, type, property => property.DeclaringType == type);
        return made;
    }

    private void Fill(object made, Type type, Func<PropertyInfo, bool> which)
    {
        foreach (var property in type.GetProperties().Where(p => p.SetMethod is not null && which(p)))
        {
            property.SetValue(made, Make(property.PropertyType));
        }
    }
}
