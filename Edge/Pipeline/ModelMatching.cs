using System.Text;
using System.Text.Json;
using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Identity;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 2, match, for models: which target serves the name that the client wrote.</summary>
internal static class ModelMatching
{
    private const int LongestName = 512;

    /// <summary>The model and target, or why there is none: a model that the key may not use does not exist for it.</summary>
    public static MatchedModel? Find(EdgeRevision revision, Caller caller, ReadOnlySpan<byte> token, out ClientError? error)
    {
        error = null;
        Span<char> buffer = stackalloc char[LongestName];
        var name = token.Length > LongestName ? default : Decode(token, buffer);
        var question = name.IndexOf('?');
        var declared = question < 0 ? name : name[..question];
        if (revision.Plan.Models.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(declared, out var model) && caller.MayUse(declared))
        {
            var target = model.Choose(Chance.Next());
            if (question < 0)
            {
                return new MatchedModel(model, target, target.ModelUtf8Json);
            }

            if (target.Provider.Dialect is ProviderDialect.Sandbox)
            {
                return new MatchedModel(model, target, token.ToArray());
            }
        }

        error = new ClientError(404, $"The model '{Shorten(name)}' does not exist or you do not have access to it.", "model_not_found", "model");
        return null;
    }

    private static ReadOnlySpan<char> Decode(ReadOnlySpan<byte> token, Span<char> buffer)
    {
        if (!token.Contains((byte)'\\'))
        {
            return Encoding.UTF8.TryGetChars(token[1..^1], buffer, out var length) ? buffer[..length] : default;
        }

        try
        {
            var reader = new Utf8JsonReader(token);
            reader.Read();
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: no text, and so no model's name.
            return default;
        }
    }

    private static string Shorten(ReadOnlySpan<char> name) => name.Length <= 128 ? name.ToString() : $"{name[..128]}…";
}

/// <summary>What serves a request for a model.</summary>
/// <param name="SentName">What the provider is to read as the model's name: a JSON string.</param>
internal readonly record struct MatchedModel(CompiledModel Model, CompiledTarget Target, ReadOnlyMemory<byte> SentName);
