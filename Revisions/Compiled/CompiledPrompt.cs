using System.Collections.Immutable;
using System.Text.Json;
using Sluice.Revisions.Prompts;
using Sluice.Revisions.Resources;

namespace Sluice.Revisions.Compiled;

/// <summary>A prompt ready to be rendered.</summary>
public sealed class CompiledPrompt
{
    private readonly Shares _shares;
    private readonly long _seed;

    public CompiledPrompt(PromptResource resource)
    {
        Resource = resource;
        _shares = new Shares(resource.Split.Select(s => s.Weight));
        _seed = StableChance.Seed(resource.ModelName);
    }

    /// <summary>As declared.</summary>
    public PromptResource Resource { get; }

    /// <summary>A version by its number, or null.</summary>
    public PromptVersion? Find(int number) => Resource.Versions.FirstOrDefault(v => v.Number == number);

    /// <summary>The version for a caller who names none: always the same for the same caller while the split stays.</summary>
    /// <param name="subject">The caller's user, or key.</param>
    public PromptVersion Choose(string subject) => Find(Resource.Split[_shares.At(StableChance.Of(subject, _seed))].Version)!;

    /// <summary>What is wrong with variables, and in which of them; null: nothing.</summary>
    public static (string Field, string Message)? Check(PromptVersion version, JsonElement variables) => VariableSchema.Check(version.Variables, variables);

    /// <summary>The texts of a version's messages, in their order.</summary>
    /// <exception cref="PromptBoundException">One cannot be rendered within its bounds; the message names it.</exception>
    public static async ValueTask<ImmutableArray<PromptText>> RenderAsync(PromptVersion version, JsonElement variables)
    {
        var values = variables.EnumerateObject().DistinctBy(p => p.Name, StringComparer.Ordinal).ToDictionary(p => p.Name, p => LiquidRendering.ValueOf(p.Value), StringComparer.Ordinal);
        var texts = ImmutableArray.CreateBuilder<PromptText>(version.Messages.Length);
        var left = LiquidRendering.LongestText;
        foreach (var message in version.Messages)
        {
            try
            {
                var text = await LiquidRendering.RenderAsync(message.Template, values, left);
                left -= text.Length;
                texts.Add(new PromptText(message.Role, text));
            }
            catch (PromptBoundException bound)
            {
                throw new PromptBoundException($"messages[{texts.Count}].content {bound.Message}");
            }
        }

        return texts.ToImmutable();
    }
}

/// <summary>A rendered message.</summary>
public readonly record struct PromptText(PromptRole Role, string Text);
