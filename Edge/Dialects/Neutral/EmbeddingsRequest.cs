namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A request for embeddings, in no dialect.</summary>
/// <param name="Texts">What is to be embedded; at least one.</param>
/// <param name="Dimensions">How many numbers each embedding is to have; nothing: as many as the model has.</param>
/// <param name="IsBase64">Whether the caller reads them as base64 of single-precision numbers, little end first.</param>
/// <param name="Truncates">Whether a text that is too long is to be cut rather than refused; nothing: as the provider does.</param>
internal sealed record EmbeddingsRequest(IReadOnlyList<EmbeddedText> Texts, Json Dimensions, bool IsBase64, Json Truncates);

/// <summary>A text to be embedded.</summary>
/// <param name="Text">A string.</param>
/// <param name="Task">What for, in Gemini's words; or nothing.</param>
/// <param name="Title">Of the document that it is from; or nothing.</param>
internal readonly record struct EmbeddedText(Json Text, Json Task = default, Json Title = default);
