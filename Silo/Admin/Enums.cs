using System.Text.Json;

namespace Sluice.Silo.Admin;

/// <summary>Values of closed sets as queries write them: in kebab case, as in answers.</summary>
internal static class Enums
{
    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names<T>()
        where T : struct, Enum => [.. Enum.GetValues<T>().Select(NameOf)];

    /// <summary>Reads one.</summary>
    public static bool TryRead<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (var known in Enum.GetValues<T>())
        {
            if (string.Equals(NameOf(known), text, StringComparison.Ordinal))
            {
                value = known;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>As it is written.</summary>
    public static string NameOf<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
