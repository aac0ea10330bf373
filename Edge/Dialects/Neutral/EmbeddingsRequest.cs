namespace Sluice.Edge.Dialects.Neutral;

/// <summary>A request for embeddings, in no dialect.</summary>
/// <param name="Texts">What is to be embedded, each a string; at least one.</param>
/// <param name="Dimensions">How many numbers each embedding is to have; null: as many as the model has.</param>
/// <param name="IsBase64">Whether the caller reads them as base64 of single-precision numbers, little end first.</param>
internal sealed record EmbeddingsRequest(IReadOnlyList<Json> Texts, long? Dimensions, bool IsBase64);
