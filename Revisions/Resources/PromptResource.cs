using System.Collections.Immutable;
using System.Text.Json;
using Fluid;
using Sluice.Revisions.Prompts;

namespace Sluice.Revisions.Resources;

/// <summary>Messages with variables that callers use as if they were a model: <c>prompt/&lt;name&gt;</c>.</summary>
/// <param name="Versions">At least one, each with a number of its own. One that was published never changes.</param>
/// <param name="Split">The versions that answer who names none, each with its weight; not all 0.</param>
public sealed record PromptResource(string Name, ImmutableArray<PromptVersion> Versions, ImmutableArray<PromptShare> Split) : Resource(Name)
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "Prompt";

    /// <summary>With what a caller's name of a model begins that means a prompt.</summary>
    public const string ModelPrefix = "prompt/";

    public override string Kind => KindName;

    /// <summary>The path at which it is published as an API of its own besides <c>/v1/prompts/&lt;name&gt;</c>; null: at none.</summary>
    public string? PublishPath { get; init; }

    /// <summary>As callers and their keys name it.</summary>
    public string ModelName => ModelPrefix + Name;
}

/// <summary>One wording.</summary>
/// <param name="Number">1 to 1,000,000.</param>
/// <param name="Model">The declared model that it is sent to.</param>
/// <param name="Messages">At least one, in their order.</param>
/// <param name="Variables">What the variables must be; null: none are taken.</param>
/// <param name="Parameters">What is asked of the model where the caller asks for nothing else.</param>
public sealed record PromptVersion(int Number, string Model, ImmutableArray<PromptMessage> Messages, VariableSchema? Variables, PromptParameters Parameters);

/// <summary>Who speaks in a prompt's message.</summary>
public enum PromptRole
{
    System,
    User,
    Assistant,
}

/// <summary>A message of a prompt.</summary>
/// <param name="Template">Its text, parsed.</param>
public sealed record PromptMessage(PromptRole Role, IFluidTemplate Template);

/// <summary>A version's share of the calls.</summary>
/// <param name="Weight">0 to 1,000,000.</param>
public sealed record PromptShare(int Version, int Weight);

/// <summary>What is asked of the model. Null: the provider's own default.</summary>
/// <param name="Temperature">0 to 2.</param>
/// <param name="TopP">0 to 1.</param>
/// <param name="MaxTokens">The cap of the answer.</param>
/// <param name="ResponseSchema">The JSON schema that the answer has to follow.</param>
public sealed record PromptParameters(double? Temperature, double? TopP, int? MaxTokens, JsonElement? ResponseSchema);
