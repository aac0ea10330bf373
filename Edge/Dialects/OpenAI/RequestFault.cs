namespace Sluice.Edge.Dialects.OpenAI;

/// <summary>What is wrong with a request.</summary>
/// <param name="Field">For the error's <c>param</c>; null where no one field is to blame.</param>
internal sealed record RequestFault(string Message, string? Field);
