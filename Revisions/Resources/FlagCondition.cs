using System.Text.Json;

namespace Sluice.Revisions.Resources;

/// <summary>What a route asks of a flag: what it says for the subject that a value of the request names; without the value, for nobody in particular.</summary>
/// <param name="Flag">Name of a <c>Flag</c>.</param>
/// <param name="Is">What it must say: a text, a number, true or false, of the flag's type. Default true.</param>
/// <param name="By">Where the subject is.</param>
/// <param name="Name">Of the header or cookie; null by subject.</param>
public sealed record FlagCondition(string Flag, JsonElement Is, StickyBy By, string? Name);
