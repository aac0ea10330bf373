using System.Collections.Immutable;
using System.Text;

namespace Sluice.Grains.Alerts;

/// <summary>The labels of a series as Prometheus' text has them: <c>name="value"</c>, separated by commas, with <c>\</c> before what would end a value.</summary>
internal static class Labels
{
    /// <summary>By name.</summary>
    public static ImmutableDictionary<string, string> Read(string text)
    {
        var labels = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var at = 0; at < text.Length && text.IndexOf("=\"", at, StringComparison.Ordinal) is var equals and >= 0;)
        {
            var name = text[at..equals].TrimStart(',', ' ');
            var value = new StringBuilder();
            for (at = equals + 2; at < text.Length && text[at] != '"'; at++)
            {
                if (text[at] == '\\' && at + 1 < text.Length)
                {
                    at++;
                    value.Append(text[at] == 'n' ? '\n' : text[at]);
                }
                else
                {
                    value.Append(text[at]);
                }
            }

            labels[name] = value.ToString();
            at++;
        }

        return labels.ToImmutable();
    }
}
