using System.Collections.Immutable;
using System.Text.Json;

namespace Sluice.Revisions.Resources;

/// <summary>Values that services watch.</summary>
/// <param name="App">Which application they are for, compared without case; null: shared by all.</param>
/// <param name="Profile">In which of the application's profiles they hold, compared without case; null: in each.</param>
/// <param name="Values">A JSON object: objects, lists, texts, numbers, true and false. Detached from the document that it was read from.</param>
public sealed record SettingResource(string Name, string? App, string? Profile, JsonElement Values) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Setting";

    public override string Kind => KindName;
}

/// <summary>A switch or a value that differs by subject.</summary>
/// <param name="App">Which application sees it, compared without case; null: all.</param>
/// <param name="Default">What no rule decides: a text, a number, true or false.</param>
/// <param name="Rules">The first that holds decides.</param>
public sealed record FlagResource(string Name, string? App, JsonElement Default, ImmutableArray<FlagRule> Rules) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Flag";

    public override string Kind => KindName;
}

/// <summary>Whom a flag gives another value: exactly one of <paramref name="Subjects"/> and <paramref name="Share"/> is declared.</summary>
/// <param name="Subjects">These, exactly as written; empty by share.</param>
/// <param name="Share">How many of 10,000 subjects, 1 to 10,000, by a hash of the subject; null by subjects. Shares of one flag lie one after another.</param>
/// <param name="Value">Of the default's type.</param>
public sealed record FlagRule(ImmutableArray<string> Subjects, int? Share, JsonElement Value);
