namespace Sluice.Edge.Targets;

/// <summary>A provider's stream began with an error in the place of an answer: it is a refusal, as an error's status is, and nothing was used.</summary>
internal sealed class ToldFailureException() : IOException("The provider's stream began with an error.");
