using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Reading;
using Sluice.Revisions.WhatIf;

namespace Sluice.Silo.Admin;

/// <summary>A request that is to be explained. All fields are described in docs/explain.md; the reader below is the one place that knows their bounds.</summary>
/// <param name="Method">Upper case; POST with a model, else GET, when not given.</param>
/// <param name="Path">With its query; <c>/v1/chat/completions</c> when only a model is given.</param>
/// <param name="Headers">Each a text or a list of texts. No client key: the caller is named by the fields below.</param>
/// <param name="Tenant">Whom the request is for; left out: nobody's key.</param>
/// <param name="Key">The id of one of the tenant's keys.</param>
/// <param name="User">The key's user, where no key is named.</param>
/// <param name="Model">As the request's body would name it.</param>
/// <param name="MaxTokens">The cap of the answer that the body would ask for.</param>
/// <param name="BodyBytes">The body's length, of a form that of its sound: with it, all that would be reserved is told, and what each target costs.</param>
/// <param name="Pictures">How many pictures are to be made; 1 when not given.</param>
/// <param name="Size">Of the pictures.</param>
/// <param name="Quality">Of the pictures.</param>
/// <param name="Seconds">Of sound that is to become text.</param>
/// <param name="Characters">Of text that is to be spoken.</param>
/// <param name="Measured">With a model: edges are asked what they have measured of its targets, which takes as long as the slowest edge, at most five seconds.</param>
/// <param name="Revision">Any revision that is kept; the active one when not given.</param>
/// <param name="Changes">Resources as for <c>apply</c>, or a text with a bundle: explained is what they would make of the revision.</param>
/// <param name="Prune">As for <c>apply</c>.</param>
public sealed record ExplainBody(
    string? Method = null,
    string? Host = null,
    string? Path = null,
    IReadOnlyDictionary<string, JsonElement>? Headers = null,
    string? Tenant = null,
    string? Key = null,
    string? User = null,
    string? Model = null,
    bool? Stream = null,
    long? MaxTokens = null,
    long? BodyBytes = null,
    long? Pictures = null,
    string? Size = null,
    string? Quality = null,
    long? Seconds = null,
    long? Characters = null,
    bool? Measured = null,
    long? Revision = null,
    IReadOnlyList<JsonElement>? Changes = null,
    bool? Prune = null)
{
    private const long MostTokens = 1_000_000_000;
    private const long MostBytes = 1L << 40;
    private const long MostPictures = 100;
    private const long MostSeconds = 366L * 24 * 60 * 60;
    private const long MostCharacters = 1_000_000_000;
    private static readonly string[] OfModels = ["model", "bodyBytes", "stream", "maxTokens", "pictures", "size", "quality", "seconds", "characters", "measured"];

    /// <summary>Reads and checks a body; everything that is wrong comes back at once.</summary>
    internal static (Explained? Value, ImmutableArray<FieldError> Errors) Read(JsonElement json)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        if (json.ValueKind is not JsonValueKind.Object)
        {
            return (null, [new FieldError("body", "must be a JSON object")]);
        }

        var fields = new Fields(json, "body: ", errors);
        var model = fields.TextOrNull("model");
        var method = fields.TextOrNull("method") ?? (model is null ? "GET" : "POST");
        if (!method.All(char.IsAsciiLetterUpper))
        {
            fields.Wrong("method", $"must be a method in upper case, such as GET; is '{method}'");
        }

        var host = fields.TextOrNull("host") ?? "";
        var target = fields.TextOrNull("path", required: model is null) ?? "/v1/chat/completions";
        CheckPath(fields, target);
        var request = Describe(method, host, target, fields.Values("headers"));
        CheckHeaders(fields, request);
        CheckModel(fields, Surfaces.Of(request.Path));
        var (tenant, key, user) = (fields.TextOrNull("tenant"), fields.TextOrNull("key"), fields.TextOrNull("user"));
        if (tenant is null && (key ?? user) is not null)
        {
            fields.Wrong("tenant", "is missing: a key and a user belong to a tenant");
        }

        if (key is not null && user is not null)
        {
            fields.Wrong("user", "has no effect beside key, which has its user; leave one of them out");
        }

        var asked = new Explained(
            request,
            target,
            tenant,
            key,
            user,
            model,
            fields.Flag("stream") ?? false,
            ReadUse(fields),
            fields.Flag("measured") ?? false,
            WhatIfAsk.Read(fields));
        fields.Close();
        return errors.Count > 0 ? (null, RequestBody.InBody(errors)) : (asked, []);
    }

    private static long? Optional(Fields fields, string field, long least, long most) => fields.Has(field) ? fields.Number(field, least, most, least) : null;

    private static DescribedUse ReadUse(Fields fields) => new(
        Optional(fields, "bodyBytes", 0, MostBytes),
        Optional(fields, "maxTokens", 0, MostTokens),
        Optional(fields, "pictures", 1, MostPictures),
        fields.TextOrNull("size"),
        fields.TextOrNull("quality"),
        Optional(fields, "seconds", 0, MostSeconds),
        Optional(fields, "characters", 0, MostCharacters));

    private static void CheckPath(Fields fields, string target)
    {
        var path = target.Split('?')[0];
        if (path.Length == 0 || path[0] != '/')
        {
            fields.Wrong("path", $"must begin with /; is '{target}'");
        }
        else if (path.Split('/').Any(s => s is "." or ".."))
        {
            fields.Wrong("path", "has a segment . or .., which no edge sees: give the path without it");
        }
        else if (target.Contains('#', StringComparison.Ordinal))
        {
            fields.Wrong("path", "has a fragment, which clients do not send");
        }
    }

    private static void CheckModel(Fields fields, Surface surface)
    {
        foreach (var field in OfModels)
        {
            if (fields.Has(field) && !HasEffect(field, surface))
            {
                fields.Wrong(field, "has no effect on this path; leave it out");
            }
        }
    }

    private static bool HasEffect(string field, Surface surface) => field switch
    {
        "model" or "measured" => Surfaces.Answers(surface) || Surfaces.PassesThrough(surface) || surface is Surface.Embeddings or Surface.CountTokens or Surface.Realtime,
        "bodyBytes" => Surfaces.Answers(surface) || Surfaces.PassesThrough(surface) || surface is Surface.Embeddings or Surface.CountTokens,
        "pictures" or "size" or "quality" => surface is Surface.ImageGenerations or Surface.ImageEdits or Surface.ImageVariations,
        "seconds" => surface is Surface.Transcriptions or Surface.AudioTranslations,
        "characters" => surface is Surface.Speech,
        _ => Surfaces.Answers(surface),
    };

    private static void CheckHeaders(Fields fields, DescribedRequest request)
    {
        foreach (var (name, values) in request.Headers)
        {
            if (values.Any(HeaderRules.HoldsKey))
            {
                fields.Wrong($"headers.{name}", "holds a client key, which is nobody's business here: name the caller by tenant and key, the key's id");
            }
        }
    }

    // Read by the server's own code, as on an edge.
    private static DescribedRequest Describe(string method, string host, string target, ImmutableDictionary<string, ImmutableArray<string>> headers)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var http = new DefaultHttpContext().Request;
        http.Path = target.StartsWith('/') ? PathString.FromUriComponent(question < 0 ? target : target[..question]) : PathString.Empty;
        http.QueryString = question < 0 ? QueryString.Empty : new QueryString(target[question..]);
        http.Headers.Cookie = headers.GetValueOrDefault("cookie", []).ToArray();
        return new DescribedRequest(
            method,
            host,
            http.Path.Value ?? "",
            headers,
            DescribedRequest.None.AddRange(http.Query.Select(q => KeyValuePair.Create(q.Key, q.Value.Select(v => v ?? "").ToImmutableArray()))),
            ImmutableDictionary.CreateRange(StringComparer.OrdinalIgnoreCase, http.Cookies));
    }
}

/// <summary>A request that is to be explained, read.</summary>
/// <param name="Target">Path and query as they were written.</param>
internal sealed record Explained(
    DescribedRequest Request, string Target, string? Tenant, string? Key, string? User, string? Model, bool Stream, DescribedUse Use, bool IsMeasured, WhatIfAsk Against);
