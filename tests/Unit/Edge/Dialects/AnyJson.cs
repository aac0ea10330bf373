using CsCheck;

namespace Sluice.Tests.Unit.Edge.Dialects;

/// <summary>JSON as it may come from anywhere: odd numbers, escapes, half surrogates, the names that scanners look for in places where they mean nothing.</summary>
internal static class AnyJson
{
    private static readonly Gen<string> Name = OneOf(
        "model", "mod\\u0065l", "stream", "messages", "input", "content", "type", "image_url", "text", "usage", "choices", "delta", "max_tokens", "n", "stream_options", "include_usage",
        "prompt_tokens", "audio", "", "\\ud800", "\\udc00x", "\\u0000", "\\\"", "ä", "logprobs");

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Name.Select(n => $"\"{n}\""),
        OneOf("null", "true", "false", "0", "-0", "1", "-1", "1.5", "1e2", "1E-400", "1e400", "9223372036854775808", "123456789012345678901234567890", "\"\"", "{}", "[]"),
        Gen.Long.Select(l => l.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Any value, a few levels deep.</summary>
    public static Gen<string> Value { get; } = Of(4);

    /// <summary>One of these texts.</summary>
    public static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static Gen<string> Of(int depth) => depth == 0
        ? Scalar
        : Gen.OneOf(
            Scalar,
            Of(depth - 1).Array[0, 4].Select(items => $"[{string.Join(',', items)}]"),
            Gen.Select(Name, Of(depth - 1)).Array[0, 4].Select(fields => $"{{{string.Join(" ,", fields.Select(f => $"\"{f.Item1}\": {f.Item2}"))}}}"));
}
