using System.Globalization;
using System.Text;

namespace Sluice.Tests.Conformance;

/// <summary>The page that tells which official client sees what of which provider.</summary>
internal static class CompatibilityPage
{
    private static readonly string[] Cases = ["text", "stream", "tools", "parallel tools", "tool results", "image", "JSON schema", "reasoning", "usage", "error", "abort"];

    /// <summary>Writes it from what was seen: <c>client|m-dialect|case</c> and <c>ok</c>, or what was seen instead.</summary>
    public static string Of(Dictionary<string, string> seen, string[] dialects)
    {
        var page = new StringBuilder("""
            # Compatibility

            Official clients, unchanged, each with providers of every dialect behind one gateway. `tests/Conformance` runs them (`CompatibilityTests`) and writes this page; providers are witnesses that answer by hand as the pages of
            their dialect say. **✓** is what the client's user expects; a number tells a note below; a blank is a case that the client cannot ask for, or that is not asked of it here. Those of NuGet are called by Microsoft.Extensions.AI.
            [Realtime](realtime.md) connections are of `openai` alone: its two clients, over `ws` and over the browser's `WebSocket`, are run by `RealtimeClientTests`.

            Besides the tables: embeddings of `openai`, `gemini` and `cohere` are read by OpenAI's .NET client (`DotNetClientTests`) and by `@google/genai` with its counts of tokens (`EmbeddingClientTests`), and Vertex is `gemini` at addresses and with credentials of its own ([Dialects](dialects.md#vertex), `VertexTests`).

            OpenAI's other endpoints (moderations, pictures, speech and its text) pass through to providers of its own dialect alone, so that there is nothing to compare: `PassedClientTests` runs its client with each of them, and `FileClientTests` with [files](files.md), `BatchClientTests` with [batches](batches.md).


            """.Replace("            ", "", StringComparison.Ordinal));
        var notes = new List<string>();
        foreach (var client in seen.Keys.Select(k => k.Split('|')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            page.Append(CultureInfo.InvariantCulture, $"## {client}\n\n| provider | {string.Join(" | ", Cases)} |\n|---|{string.Concat(Enumerable.Repeat("---|", Cases.Length))}\n");
            foreach (var dialect in dialects)
            {
                page.Append(CultureInfo.InvariantCulture, $"| {dialect} | {string.Join(" | ", Cases.Select(what => Cell(seen.GetValueOrDefault($"{client}|m-{dialect}|{what}"), notes)))} |\n");
            }

            page.Append('\n');
        }

        for (var i = 0; i < notes.Count; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? "## Notes\n\n" : "")}{i + 1}. {notes[i]}\n");
        }

        return page.ToString();
    }

    private static string Cell(string? seen, List<string> notes)
    {
        if (seen is null or "ok")
        {
            return seen is null ? "" : "✓";
        }

        if (!notes.Contains(seen, StringComparer.Ordinal))
        {
            notes.Add(seen);
        }

        return $"[{notes.IndexOf(seen) + 1}](#notes)";
    }
}
