using System.Text;
using System.Text.Json;
using CsCheck;
using Sluice.Edge.Dialects.OpenAI;
using Sluice.Edge.Tokens;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Tests.Unit.Edge.Tokens;

/// <summary>What is reserved for a request's input is never less than the vocabulary's own count of it, however nasty the text.</summary>
public sealed class InputCountTests
{
    private static readonly Gen<string> Nasty = Gen.OneOf(
        Gen.String[0, 60],
        Gen.Const("🧑‍🚀🏳️‍🌈"),
        Gen.Const("\u200b\u202e\u0000\u00a0"),
        Gen.Const("𝕳𝖊𝖑𝖑𝖔 \u0301\u0301\u0301"),
        Gen.Const("<|endoftext|>"),
        Gen.Const("漢字かな交じり文"),
        Gen.Const("\r\n\t   \t\n"),
        Gen.Const("====--__''s're1234567890"),
        Gen.Char['\u4e00', '\u9fff'].Array[0, 40].Select(c => new string(c)),
        Gen.Char[' ', '~'].Array[0, 80].Select(c => new string(c)));

    private static readonly Gen<string> Texts = Nasty.List[0, 8].Select(parts => string.Concat(parts)).Select(WithoutHalves);
    private static readonly Gen<Vocabulary> Known = Gen.OneOf(Gen.Const(Vocabulary.O200kBase), Gen.Const(Vocabulary.Cl100kBase));

    [Fact]
    public void Text_never_has_more_tokens_than_bytes() => Gen.Select(Texts, Known).Sample((text, vocabulary) =>
        Assert.True((TextTokens.Count(vocabulary, text) ?? 0) <= TokenBounds.OfText(Encoding.UTF8.GetByteCount(text))));

    [Fact]
    public void A_counted_request_is_bounded_by_its_texts_and_never_looser_than_by_its_bytes() => Gen.Select(Texts.List[1, 4], Texts, Known, Gen.Bool).Sample((texts, system, vocabulary, parts) =>
    {
        object content = parts ? texts.Select(t => new { type = "text", text = t }).ToArray() : string.Concat(texts);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { model = "m", messages = new object[] { new { role = "system", content = system }, new { role = "user", content } }, tools = new[] { new { type = "function" } } });
        var bound = new InputCount(vocabulary, null).Bound(body, 0);

        var whole = parts ? texts.Sum(t => TextTokens.Count(vocabulary, t) ?? Encoding.UTF8.GetByteCount(t)) : TextTokens.Count(vocabulary, string.Concat(texts)) ?? 0;

        // Three tokens a message and three for the answer are what OpenAI publishes.
        Assert.True(bound >= whole + (TextTokens.Count(vocabulary, system) ?? 0) + 9, $"{bound} for {whole}");
        Assert.True(bound <= TokenBounds.OfText(body.Length));
    });

    [Theory]
    [InlineData(Vocabulary.O200kBase, "Hello, world!", 4)]
    [InlineData(Vocabulary.Cl100kBase, "tiktoken is great!", 6)]
    public void A_text_is_counted_as_its_vocabulary_does(Vocabulary vocabulary, string text, int tokens) => Assert.Equal(tokens, TextTokens.Count(vocabulary, text));

    [Theory]
    [InlineData("a text with <|endoftext|> in it")]
    [InlineData("long")]
    [InlineData("blank")]
    public void What_would_take_long_or_be_taken_for_more_than_text_is_not_counted(string text)
    {
        text = text switch { "long" => new string('a', 1_000), "blank" => new string(' ', 1_000), _ => text };
        Assert.Null(TextTokens.Count(Vocabulary.O200kBase, text));
        Assert.NotNull(TextTokens.Count(Vocabulary.O200kBase, new string('7', 1_000)));
    }

    [Fact]
    public void Without_a_vocabulary_or_text_that_is_none_a_token_a_byte_holds()
    {
        var body = """{"model":"m","messages":[{"role":"user","content":"half \ud800 of a pair, and some more text"}]}"""u8;
        Assert.Equal(TokenBounds.OfText(body.Length), new InputCount(Vocabulary.O200kBase, null).Bound(body, 0));
        var plain = """{"model":"m","messages":[{"role":"user","content":"some more text"}]}"""u8;
        Assert.Equal(TokenBounds.OfText(plain.Length), new InputCount(Vocabulary.None, null).Bound(plain, 0));
    }

    [Theory]
    [InlineData("""{"input":"word word word word"}""", 19 - 4)]
    [InlineData("""{"input":["word word word word","word word word word"]}""", 2 * (19 - 4))]
    [InlineData("""{"content":{"role":"user","parts":[{"text":"word word word word"}]}}""", 19 - 4)]
    [InlineData("""{"requests":[{"model":"word word word word","content":{"parts":[{"text":"word word word word"}]}},{"content":{"parts":[{"text":"word word word word"}]}}]}""", 2 * (19 - 4))]
    [InlineData("""{"instances":[{"content":"word word word word","title":"word word word word"}]}""", 19 - 4)]
    [InlineData("""{"input":[1,2,3]}""", 0)]
    [InlineData("""{"input":[[1,2],[3]]}""", 0)]
    [InlineData("""{"messages":[{"role":"user","content":null,"name":"word word word word"}]}""", 0)]
    [InlineData("""{"messages":[{"role":"user","content":"word word word word"}],"tools":[{"content":"word word word word"}]}""", 19 - 4)]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":"word word word word"},{"type":"input_audio","input_audio":{"data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","format":"mp3"}}]}]}""", 19 - 4 + 40 - 3)]
    public void Texts_of_messages_and_inputs_are_counted_and_nothing_else(string body, long saved)
    {
        Assert.Equal(TokenBounds.OfText(body.Length) - saved, new InputCount(Vocabulary.O200kBase, null).Bound(Encoding.UTF8.GetBytes(body), 0));
    }

    [Theory]
    [InlineData("gpt-4o", 1024, 1024, null, 765)]
    [InlineData("gpt-4o", 1024, 1024, "low", 85)]
    [InlineData("claude-3-haiku-20240307", 1000, 1000, null, 1334)]
    [InlineData("llama", 1000, 1000, null, 48_169)]
    public void An_image_costs_by_its_size_where_the_rule_is_known(string model, int width, int height, string? detail, long tokens)
    {
        var file = new byte[300];
        ((byte[])[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, (byte)(width >> 8), (byte)width, 0, 0, (byte)(height >> 8), (byte)height]).CopyTo(file, 0);
        var data = Convert.ToBase64String(file);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { messages = new[] { new { role = "user", content = new[] { new { type = "image_url", image_url = new { url = $"data:image/png;base64,{data}", detail } } } } } });
        var bound = new InputCount(Vocabulary.O200kBase, ImageRule.Of(model)).Bound(body, 1);

        // This serializer writes + as six bytes.
        Assert.Equal(TokenBounds.OfText(body.Length - JsonEncodedText.Encode(data).EncodedUtf8Bytes.Length) + tokens, bound);
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"DATA"}}]}]}""", 1334)]
    [InlineData("""{"contents":[{"parts":[{"inlineData":{"data":"DATA","mimeType":"image/png"}}]}]}""", 1334)]
    [InlineData("""{"contents":[{"parts":[{"inline_data":{"mime_type":"audio/wav","data":"DATA"}}]}]}""", 21)]
    public void Pictures_and_sounds_of_the_other_dialects_are_no_text(string body, long tokens)
    {
        var file = new byte[300];
        ((byte[])[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, 0, 0, 0, 13, (byte)'I', (byte)'H', (byte)'D', (byte)'R', 0, 0, 3, 232, 0, 0, 3, 232]).CopyTo(file, 0);
        var written = Encoding.ASCII.GetBytes(body.Replace("DATA", Convert.ToBase64String(file), StringComparison.Ordinal));
        var images = body.Contains("image/", StringComparison.Ordinal) ? 1 : 0;
        Assert.Equal(TokenBounds.OfText(written.Length - 400) + tokens, new InputCount(Vocabulary.O200kBase, ImageRule.Of("claude-3-haiku-20240307")).Bound(written, images));
    }

    [Fact]
    public void An_image_elsewhere_is_the_dearest_of_its_model()
    {
        var body = """{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://example.org/a.png"}}]}]}"""u8;
        Assert.Equal(TokenBounds.OfText(body.Length) + 85 + (8 * 170), new InputCount(Vocabulary.O200kBase, ImageRule.Of("gpt-4o")).Bound(body, 1));
    }

    private static string WithoutHalves(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
