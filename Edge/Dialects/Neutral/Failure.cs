namespace Sluice.Edge.Dialects.Neutral;

/// <summary>An error of a provider, in no dialect.</summary>
/// <param name="Status">Of HTTP, as the provider gave it or as its kind of error is; 400 to 599.</param>
/// <param name="Message">For a person.</param>
/// <param name="Code">The stable name that the provider gave it, or null.</param>
/// <param name="Field">Which field of the request is to blame, or null.</param>
internal sealed record Failure(int Status, string Message, string? Code = null, string? Field = null);
