using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sluice.Cli.Admin;
using Sluice.Revisions;
using Sluice.Revisions.WhatIf;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice explain</c></summary>
internal static class ExplainCommand
{
    private enum Form
    {
        Text,
        Yaml,
        Json,
    }

    public static Command Define()
    {
        var method = new Argument<string>("method") { Description = "GET, POST …" };
        var address = new Argument<string>("address") { Description = "A path with its query, or a whole address." };
        var headers = new Option<string[]>("--header", "-H") { Description = "A header of the request: name=value, or 'name: value'; may be given more than once.", HelpName = "NAME=VALUE" };
        var host = new Option<string?>("--host") { Description = "The host that the request asks for." };
        var tenant = new Option<string?>("--tenant") { Description = "Whom the request is for." };
        var key = new Option<string?>("--key") { Description = "The id of one of the tenant's keys (never the key itself).", HelpName = "ID" };
        var user = new Option<string?>("--user") { Description = "The key's user, where no key is named." };
        var model = new Option<string?>("--model") { Description = "The model that the body names." };
        var stream = new Option<bool>("--stream") { Description = "The answer is streamed." };
        var maxTokens = new Option<long?>("--max-tokens") { Description = "The cap of the answer that the body asks for." };
        var bodyBytes = new Option<long?>("--body-bytes") { Description = "The body's length: with it, all that would be reserved is told." };
        var pictures = new Option<long?>("--pictures") { Description = "How many pictures are to be made.", HelpName = "N" };
        var size = new Option<string?>("--size") { Description = "Of the pictures, such as 1024x1024." };
        var quality = new Option<string?>("--quality") { Description = "Of the pictures, such as high." };
        var seconds = new Option<long?>("--seconds") { Description = "How long the sound is that is to become text." };
        var characters = new Option<long?>("--characters") { Description = "How much text is to be spoken." };
        var measured = new Option<bool>("--measured") { Description = "Ask edges what they have measured of the model's targets: times, failures, rates, and what each really got." };
        var revision = new Option<long?>("--revision") { Description = "Any revision that is kept; the active one when not given." };
        var files = BundleFiles.Option(required: false);
        var prune = new Option<bool>("--prune") { Description = "With -f: as apply --prune." };
        var form = new Option<Form>("--output", "-o") { Description = "text, yaml or json." };
        return AdminSession.Define(
            "explain",
            "Show which route, part, target, limits and budgets a request meets, and why the others are passed over. No request is made.",
            async (session, parsed, cancellation) =>
            {
                var (ofAddress, path) = Split(parsed.GetRequiredValue(address));
                var body = new JsonObject { ["method"] = parsed.GetRequiredValue(method), ["path"] = path };
                Put(body, "host", parsed.GetValue(host) ?? ofAddress);
                Put(body, "headers", Headers(parsed.GetValue(headers) ?? []));
                Put(body, "tenant", parsed.GetValue(tenant));
                Put(body, "key", parsed.GetValue(key));
                Put(body, "user", parsed.GetValue(user));
                Put(body, "model", parsed.GetValue(model));
                Put(body, "stream", parsed.GetValue(stream) ? true : null);
                Put(body, "maxTokens", parsed.GetValue(maxTokens));
                Put(body, "bodyBytes", parsed.GetValue(bodyBytes));
                Put(body, "pictures", parsed.GetValue(pictures));
                Put(body, "size", parsed.GetValue(size));
                Put(body, "quality", parsed.GetValue(quality));
                Put(body, "seconds", parsed.GetValue(seconds));
                Put(body, "characters", parsed.GetValue(characters));
                Put(body, "measured", parsed.GetValue(measured) ? true : null);
                await WhatIfBody.PutAsync(body, parsed.GetValue(revision), parsed.GetValue(files), parsed.GetValue(prune), cancellation);
                var answer = await session.Client.PostAsync<ExplainAnswer>("explain", body, cancellation);
                return Write(session, answer, session.Json ? Form.Json : parsed.GetValue(form));
            },
            method,
            address,
            headers,
            host,
            tenant,
            key,
            user,
            model,
            stream,
            maxTokens,
            bodyBytes,
            pictures,
            size,
            quality,
            seconds,
            characters,
            measured,
            revision,
            files,
            prune,
            form);
    }

    private static void Put(JsonObject body, string field, JsonNode? value)
    {
        if (value is not null)
        {
            body[field] = value;
        }
    }

    private static (string? Host, string Path) Split(string address) =>
        !address.StartsWith('/') && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? (uri.Authority, uri.PathAndQuery) : (null, address);

    private static JsonObject? Headers(string[] written)
    {
        var headers = new JsonObject();
        foreach (var header in written)
        {
            var at = header.AsSpan().IndexOfAny('=', ':');
            if (at < 1)
            {
                throw new UsageException($"--header wants name=value, is '{header}'");
            }

            var (name, value) = (header[..at].Trim(), header[(at + 1)..].Trim());
            var values = headers[name] as JsonArray ?? [];
            headers[name] = values;
            values.Add(value);
        }

        return headers.Count > 0 ? headers : null;
    }

    private static int Write(AdminSession session, ExplainAnswer answer, Form form)
    {
        switch (form)
        {
            case Form.Json:
                return session.WriteJson(answer);
            case Form.Yaml:
                BundleWriter.WriteYaml(session.Output, [JsonSerializer.SerializeToElement(answer, AdminJson.Options)]);
                return ExitCode.Done;
            default:
                return session.Tell(answer, [.. ExplainReport.Lines(answer)]);
        }
    }
}
