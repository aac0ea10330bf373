using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.Clients;

/// <summary>Forms with files that pass through: sound and pictures reach the provider byte by byte, under its model's name.</summary>
public sealed class PassedFormTests(SharedGateway shared)
{
    private readonly Gateway _gateway = shared.Gateway;
    private readonly string _name = $"f{Guid.NewGuid():n}"[..12];

    private PassedModel Own => new(_gateway, _name);

    [Theory]
    [InlineData("/v1/audio/transcriptions", "before the file")]
    [InlineData("/v1/audio/translations", "behind the file")]
    public async Task Sound_goes_on_byte_by_byte_under_the_targets_model_wherever_the_field_stands(string path, string place)
    {
        await using var upstream = await PassedModel.AnswerAsync("""{"text":"Hello","usage":{"type":"tokens","total_tokens":45,"input_tokens":14,"input_token_details":{"text_tokens":4,"audio_tokens":10},"output_tokens":31}}""");
        using var client = await Own.ClientAsync(upstream, "gpt-4o-transcribe", "price: { input: \"2.5 USD\", inputAudio: \"6 USD\", output: \"10 USD\" }");
        var sound = new byte[3 * 1024 * 1024];
        new Random(7).NextBytes(sound);
        using var form = Form("file", sound, place is "before the file" ? _name : null);
        form.Add(new StringContent("json"), "response_format");
        if (place is not "before the file")
        {
            form.Add(new StringContent(_name), "model");
        }

        var came = await form.ReadAsByteArrayAsync();
        using var answer = await client.PostAsync(path, form);

        Assert.True(HttpStatusCode.OK == answer.StatusCode, await answer.Content.ReadAsStringAsync());
        Assert.Equal("0.00038", Assert.Single(answer.Headers.GetValues("sluice-cost")));
        var sent = Assert.Single(upstream.Requests);
        Assert.Equal(path, sent.Target);
        Assert.Equal(form.Headers.ContentType!.ToString(), sent.Headers["content-type"]);
        Assert.Equal(Encoding.Latin1.GetString(came).Replace($"\r\n\r\n{_name}\r\n", "\r\n\r\ngpt-4o-transcribe\r\n", StringComparison.Ordinal), Encoding.Latin1.GetString(sent.Body));
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("reported", 14, 31), (source, usage.InputTokens, usage.OutputTokens));
    }

    [Theory]
    [InlineData("""{"text":"Hello","usage":{"type":"duration","seconds":9}}""", (9 * 32) + 224, 56)]
    [InlineData("""{"task":"transcribe","duration":8.47,"text":"Hello"}""", 272 + 224, 52)]
    [InlineData("Hello", null, 5)]
    public async Task Sound_whose_tokens_are_not_told_is_charged_by_its_length(string text, int? input, int output)
    {
        await using var upstream = await PassedModel.AnswerAsync(text, text[0] is '{' ? "application/json" : "text/plain");
        using var client = await Own.ClientAsync(upstream, "whisper-1");
        using var form = Form("file", new byte[15_000], _name);

        using var answer = await client.PostAsync("/v1/audio/transcriptions", form);

        Assert.Equal(text, await answer.Content.ReadAsStringAsync());
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("estimated", output), (source, usage.OutputTokens));
        Assert.InRange(usage.InputTokens, input ?? 1_001, input ?? 1_600);
    }

    [Fact]
    public async Task A_stream_of_text_goes_out_as_it_comes_and_its_usage_is_read()
    {
        const string Events = "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Hel\"}\n\ndata: {\"type\":\"transcript.text.done\",\"text\":\"Hello\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":5,\"total_tokens\":19}}\n\n";
        await using var upstream = await PassedModel.AnswerAsync(Events, "text/event-stream");
        using var client = await Own.ClientAsync(upstream, "gpt-4o-transcribe");
        using var form = Form("file", [1, 2, 3], _name);
        form.Add(new StringContent("true"), "stream");

        using var answer = await client.PostAsync("/v1/audio/transcriptions", form);

        Assert.Equal(Events, await answer.Content.ReadAsStringAsync());
        var (source, usage) = await Own.UsedAsync();
        Assert.Equal(("reported", 14, 5), (source, usage.InputTokens, usage.OutputTokens));
    }

    [Theory]
    [InlineData("/v1/images/edits", "image[]")]
    [InlineData("/v1/images/variations", "image")]
    public async Task Pictures_go_on_and_the_next_target_gets_the_same_form_under_its_own_name(string path, string field)
    {
        await using var failing = await PassedModel.AnswerAsync("{}", status: 500);
        await using var upstream = await PassedModel.AnswerAsync("""{"data":[{"b64_json":"AAAA"}],"usage":{"total_tokens":5,"input_tokens":2,"output_tokens":3}}""");
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, OwnModel.Bundle($"{_name}-f", failing), OwnModel.Bundle($"{_name}-o", upstream), $$"""
            kind: Model
            name: {{_name}}
            strategy: priority
            targets: [{ provider: {{_name}}-f, model: failing-one, priority: 1 }, { provider: {{_name}}-o, model: gpt-image-1, priority: 2 }]
            """));
        using var form = Form(field, [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0], _name);
        var came = await form.ReadAsByteArrayAsync();

        using var answer = await client.PostAsync(path, form);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var (server, model) in new[] { (failing, "failing-one"), (upstream, "gpt-image-1") })
        {
            Assert.Equal(Encoding.Latin1.GetString(came).Replace($"\r\n\r\n{_name}\r\n", $"\r\n\r\n{model}\r\n", StringComparison.Ordinal), Encoding.Latin1.GetString(Assert.Single(server.Requests).Body));
        }
    }

    [Theory]
    [InlineData("/v1/audio/transcriptions", "", null, "not a valid form: it does not begin with its boundary")]
    [InlineData("/v1/audio/transcriptions", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n@", null, "it ends before its last boundary")]
    [InlineData("/v1/audio/transcriptions", "--b\r\nContent-Disposition: form-data\r\n\r\n@\r\n--b--", null, "Content-Disposition")]
    [InlineData("/v1/audio/transcriptions", "--b--\r\n", "model", "You must provide a model")]
    [InlineData("/v1/audio/transcriptions", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n@\r\n--b--\r\n", "file", "Missing required parameter: 'file'")]
    [InlineData("/v1/images/edits", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n@\r\n--b--\r\n", "image", "Missing required parameter: 'image'")]
    [InlineData("/v1/images/edits", "--b\r\nContent-Disposition: form-data; name=\"model\"; filename=\"a\"\r\n\r\n@\r\n--b--\r\n", "model", "'model' must be a field of text")]
    [InlineData("/v1/images/edits", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\r\n--b--\r\n", "model", "'model' must be a field of text")]
    [InlineData("/v1/images/edits", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n@\r\n--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nother\r\n--b--\r\n", "model", "stands twice")]
    [InlineData("/v1/images/edits", "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n@\r\n--b\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a\"\r\n\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\ntwo\r\n--b--\r\n", "n", "whole number from 1 to 100")]
    public async Task A_bad_form_is_told_with_its_field_and_nothing_is_sent(string path, string body, string? field, string message)
    {
        await using var upstream = await PassedModel.AnswerAsync("{}");
        using var client = await Own.ClientAsync(upstream, "any");
        using var form = new StringContent(body.Replace("@", _name, StringComparison.Ordinal)) { Headers = { ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b") } };

        var error = await RefusedAsync(client, path, form, HttpStatusCode.BadRequest);

        Assert.Equal(field, error.GetProperty("param").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("application/json", HttpStatusCode.UnsupportedMediaType, "This API takes 'multipart/form-data'")]
    [InlineData("multipart/mixed; boundary=b", HttpStatusCode.UnsupportedMediaType, "This API takes 'multipart/form-data'")]
    [InlineData("multipart/form-data", HttpStatusCode.BadRequest, "one 'boundary'")]
    public async Task Only_forms_with_a_boundary_are_taken(string type, HttpStatusCode status, string message)
    {
        await using var upstream = await PassedModel.AnswerAsync("{}");
        using var client = await Own.ClientAsync(upstream, "any");
        using var form = new StringContent("--b--\r\n") { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

        var error = await RefusedAsync(client, "/v1/audio/translations", form, status);

        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_form_above_thirty_two_mebibytes_is_refused_whether_its_length_is_told_or_not(bool told)
    {
        await using var upstream = await PassedModel.AnswerAsync("{}");
        using var client = await Own.ClientAsync(upstream, "any");
        using var form = Form("file", new byte[32 * 1024 * 1024], _name);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/audio/transcriptions") { Content = form };
        request.Headers.TransferEncodingChunked = !told;
        using var answer = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("32 MiB", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    [Fact]
    public async Task Keys_and_budgets_and_providers_are_as_with_answers()
    {
        await using var upstream = await PassedModel.AnswerAsync("{}");
        var bundle = OwnModel.Bundle(_name, upstream);
        using var client = _gateway.Client(await OwnModel.ApplyAsync(_gateway, _name, bundle, OwnModel.Budget(_name, 100), OwnModel.Bundle($"{_name}-a", upstream, dialect: "anthropic")));
        var other = (await _gateway.Admin.PostAsync($"tenants/{_name}/keys", new { models = new[] { "other" } })).GetProperty("key").GetString()!;
        using var barred = _gateway.Client(other);

        using var hidden = Form("file", [1], _name);
        Assert.Equal("model_not_found", (await RefusedAsync(barred, "/v1/audio/transcriptions", hidden, HttpStatusCode.NotFound)).GetProperty("code").GetString());
        using var dear = Form("image", [1], _name);
        Assert.Equal("insufficient_quota", (await RefusedAsync(client, "/v1/images/edits", dear, HttpStatusCode.TooManyRequests)).GetProperty("code").GetString());
        using var unfit = Form("file", [1], $"{_name}-a");
        Assert.Contains("only providers of the dialect openai", (await RefusedAsync(client, "/v1/audio/transcriptions", unfit, HttpStatusCode.BadRequest)).GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(upstream.Requests);
    }

    private static MultipartFormDataContent Form(string field, byte[] file, string? model)
    {
        var form = new MultipartFormDataContent();
        if (model is not null)
        {
            form.Add(new StringContent(model), "model");
        }

        form.Add(new ByteArrayContent(file), field, "a.bin");
        return form;
    }

    private static async Task<JsonElement> RefusedAsync(HttpClient client, string path, HttpContent form, HttpStatusCode status)
    {
        using var answer = await client.PostAsync(path, form);
        return await PassedModel.ErrorAsync(answer, status);
    }
}
