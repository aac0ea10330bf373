namespace Sluice.Revisions.Prompts;

/// <summary>A template cannot be rendered within its bounds. The message says why, without what the variables hold.</summary>
public sealed class PromptBoundException(string message) : Exception(message);
