using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Sluice.Edge.Configuration;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Identity;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>Step 2, match, for models: which target serves the name that the client wrote.</summary>
internal static class ModelMatching
{
    private const int LongestName = 512;

    /// <summary>The model and target, or why there is none: a model that the key may not use does not exist for it.</summary>
    /// <param name="revision">The revision.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="allowed">The models that the key may use, as <see cref="ModelNames.MayUse"/> reads them.</param>
    /// <param name="token">The name as it stands in the body: a JSON string.</param>
    /// <param name="error">Why there is none, or null.</param>
    /// <param name="written">Where there is none: the name, shortened.</param>
    public static MatchedModel? Find(EdgeRevision revision, Caller caller, ImmutableArray<string> allowed, ReadOnlySpan<byte> token, out ClientError? error, out string? written)
    {
        (error, written) = (null, null);
        Span<char> buffer = stackalloc char[LongestName];
        var name = token.Length > LongestName ? default : Decode(token, buffer);
        var found = ModelNames.Find(revision.Plan, name, allowed);
        if (found.Model is { Offer: { } offer } offered && Offers.Refuse(offer, offered, caller) is { } refused)
        {
            (error, written) = (refused with { By = offered.Resource.Label }, offered.Resource.Name);
            return null;
        }

        if (found.Model is { } model)
        {
            var draw = Chance.Next();
            var target = model.Choose(draw);
            if (found.Takes(target) || (model.Targets.Length > 1 && model.Targets.Any(found.Takes)))
            {
                return new MatchedModel(model, target, found.IsShaped ? token.ToArray() : target.ModelUtf8Json, found.IsShaped, draw);
            }
        }

        written = Shorten(name);
        error = Unknown(written) with { By = found.IsKnown ? $"Key/{caller.Identity.KeyId}" : null };
        return null;
    }

    /// <summary>What a client is told of a model that is not there for it.</summary>
    public static ClientError Unknown(string name) => new(404, $"The model '{name}' does not exist or you do not have access to it.", "model_not_found", "model");

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
/// <param name="Target">By chance, while the model has several and none was chosen otherwise.</param>
/// <param name="SentName">What the provider is to read as the model's name: a JSON string.</param>
/// <param name="IsShaped">The name says how a sandbox shall answer.</param>
/// <param name="Draw">The number by which the target was chosen.</param>
internal readonly record struct MatchedModel(CompiledModel Model, CompiledTarget Target, ReadOnlyMemory<byte> SentName, bool IsShaped, double Draw)
{
    /// <summary>The same request for another of the model's targets.</summary>
    public MatchedModel For(CompiledTarget target) => this with { Target = target, SentName = IsShaped ? SentName : target.ModelUtf8Json };
}
