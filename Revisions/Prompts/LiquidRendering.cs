using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fluid;
using Fluid.Values;

namespace Sluice.Revisions.Prompts;

/// <summary>Renders templates within bounds of steps and of text, whatever their variables are.</summary>
internal static class LiquidRendering
{
    /// <summary>The most characters of what a filter gives, and of a prompt's messages together.</summary>
    public const int LongestText = 1024 * 1024;

    /// <summary>The most statements that are run for a message.</summary>
    public const int MostSteps = 10_000;

    /// <summary>All that are taken.</summary>
    public static readonly ImmutableArray<string> Filters =
    [
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "default", "divided_by", "downcase", "first", "floor", "join", "json", "last", "lstrip", "map", "minus",
        "modulo", "plus", "prepend", "remove", "replace", "reverse", "round", "rstrip", "size", "slice", "sort", "split", "strip", "strip_newlines", "sum", "times", "truncate",
        "truncatewords", "uniq", "upcase", "where",
    ];

    // These make as many copies of their argument as their input has places.
    private static readonly string[] Multiplying = ["join", "replace"];

    private static readonly TemplateOptions Options = MakeOptions();

    /// <summary>Renders one.</summary>
    /// <param name="template">As <see cref="LiquidTemplates"/> took it.</param>
    /// <param name="variables">By name; see <see cref="ValueOf"/>.</param>
    /// <param name="longest">The most characters.</param>
    /// <exception cref="PromptBoundException">It would take more than its bounds allow, or cannot be done with these variables.</exception>
    public static async ValueTask<string> RenderAsync(IFluidTemplate template, IReadOnlyDictionary<string, object?> variables, int longest)
    {
        var context = new TemplateContext(Options);
        foreach (var (name, value) in variables)
        {
            context.SetValue(name, value);
        }

        await using var text = new BoundedText(longest);
        try
        {
            await template.RenderAsync(text, NullEncoder.Default, context);
        }
        catch (InvalidOperationException)
        {
            throw new PromptBoundException(string.Create(CultureInfo.InvariantCulture, $"takes more than {MostSteps} steps with these variables"));
        }
        catch (Exception failure) when (failure is ArithmeticException or ArgumentException or FormatException or InvalidCastException)
        {
            throw new PromptBoundException("cannot be rendered with these variables: a filter does not take what it is given");
        }

        return text.ToString();
    }

    /// <summary>A JSON value as templates read it.</summary>
    public static object? ValueOf(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().DistinctBy(p => p.Name, StringComparer.Ordinal).ToDictionary(p => p.Name, p => ValueOf(p.Value), StringComparer.Ordinal),
        JsonValueKind.Array => json.EnumerateArray().Select(ValueOf).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.TryGetDecimal(out var number) ? number : json.GetRawText(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static TemplateOptions MakeOptions()
    {
        var options = new TemplateOptions { MaxSteps = MostSteps, MaxRecursion = 20, CultureInfo = CultureInfo.InvariantCulture };
        options.JsonSerializerOptions = new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        var known = options.Filters.ToDictionary(f => f.Key, f => f.Value, StringComparer.Ordinal);
        options.Filters.Clear();
        foreach (var name in Filters)
        {
            options.Filters.AddFilter(name, Bound(name, known[name]));
        }

        return options;
    }

    private static FilterDelegate Bound(string name, FilterDelegate inner) => async (input, arguments, context) =>
    {
        if (Multiplying.Contains(name, StringComparer.Ordinal) && (Size(input) + 1) * (arguments.Values.Sum(Size) + 1) > LongestText * 4L)
        {
            throw TooLong(name);
        }

        var result = await inner(input, arguments, context);
        return result.Type is FluidValues.String && Size(result) > LongestText ? throw TooLong(name) : result;
    };

    private static long Size(FluidValue value) =>
        value.Type is FluidValues.Array ? ((ArrayValue)value).Values.Count : value.ToStringValue().Length;

    private static PromptBoundException TooLong(string filter) =>
        new(string.Create(CultureInfo.InvariantCulture, $"makes a text of more than {LongestText} characters by the filter '{filter}' with these variables"));
}
