using System.Text.Json.Nodes;

namespace Sluice.Cli.Commands;

/// <summary>The fields of a question that say under which revision it is asked.</summary>
internal static class WhatIfBody
{
    /// <summary>Puts the revision and the bundle of the files, where they are given.</summary>
    public static async Task PutAsync(JsonObject body, long? revision, string[]? files, bool prune, CancellationToken cancellation)
    {
        if (revision is { } number)
        {
            body["revision"] = number;
        }

        if (files is { Length: > 0 })
        {
            using var bundle = await BundleFiles.ReadAsync(files, cancellation);
            body["changes"] = JsonNode.Parse(await bundle.ReadAsStringAsync(cancellation));
        }

        if (prune)
        {
            body["prune"] = true;
        }
    }
}
