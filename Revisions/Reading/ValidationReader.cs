using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Revisions.Forwarding;
using Sluice.Revisions.Resources;
using Sluice.Revisions.Schemas;

namespace Sluice.Revisions.Reading;

/// <summary>Reads the <c>validate</c> of a <c>Route</c>.</summary>
internal static class ValidationReader
{
    private const int MostValues = 100;
    private const long MostBody = 32L << 20;
    private const long UsualBody = 1L << 20;

    /// <summary>What requests must carry, or null.</summary>
    /// <param name="fields">The route's.</param>
    /// <param name="parameters">The names of its path.</param>
    public static RouteValidation? Read(Fields fields, ImmutableArray<string> parameters)
    {
        if (fields.Object("validate") is not { } inner)
        {
            return null;
        }

        var validation = new RouteValidation(
            ReadValues(inner, "path", isPath: true), ReadValues(inner, "query"), ReadValues(inner, "headers"), inner.Flag("strictQuery") ?? false, ReadBody(inner));
        foreach (var unknown in validation.Path.Where(p => !parameters.Contains(p.Name, StringComparer.Ordinal)))
        {
            inner.Wrong($"path.{unknown.Name}", $"is no parameter of match.path{Names.Suggest(unknown.Name, parameters)}");
        }

        foreach (var header in validation.Headers.Where(h => !TransformReader.IsToken(h.Name) || HeaderRules.MayHoldKey(h.Name)))
        {
            inner.Wrong($"headers.{header.Name}", TransformReader.IsToken(header.Name) ? "carries credentials, of which access decides" : "is not the name of a header");
        }

        if (validation is { Path.IsEmpty: true, Query.IsEmpty: true, Headers.IsEmpty: true, IsStrictQuery: false, Body: null })
        {
            fields.Wrong("validate", "asks for nothing; give path, query, headers, strictQuery or body, or leave it out");
        }

        inner.Close();
        return validation;
    }

    private static ImmutableArray<ValidatedValue> ReadValues(Fields fields, string field, bool isPath = false)
    {
        if (fields.Object(field) is not { } named)
        {
            return [];
        }

        var values = ImmutableArray.CreateBuilder<ValidatedValue>();
        foreach (var name in named.AllNames)
        {
            if (named.Object(name, required: true) is not { } value)
            {
                continue;
            }

            // Of a path every parameter is there.
            var required = isPath || (value.Flag("required") ?? false);
            var schema = ReadSchema(value);
            if (!required && schema is null && !value.Has("schema"))
            {
                named.Wrong(name, "asks for nothing; give required: true or a schema, or leave it out");
            }

            value.Close();
            values.Add(new ValidatedValue(name, required, schema));
        }

        if (values.Count is 0 or > MostValues)
        {
            fields.Wrong(field, values.Count == 0 ? "is empty; leave it out" : $"has {values.Count} entries; at most {MostValues}");
        }

        named.Close();
        return values.ToImmutable();
    }

    private static ValidatedBody? ReadBody(Fields fields)
    {
        if (fields.Object("body") is not { } inner)
        {
            return null;
        }

        var body = new ValidatedBody(inner.Flag("required") ?? true, ReadSchema(inner), Sizes.Read(inner, "maxSize", MostBody) ?? UsualBody);
        inner.Close();
        return body;
    }

    private static RequestSchema? ReadSchema(Fields fields)
    {
        if (!fields.Has("schema") || fields.Any("schema", "a JSON schema: an object, true or false", JsonValueKind.Object, JsonValueKind.True, JsonValueKind.False) is not { } json)
        {
            return null;
        }

        if (RequestSchema.Parse(json, out var wrong) is { } schema)
        {
            return schema;
        }

        fields.Wrong("schema", wrong);
        return null;
    }
}
