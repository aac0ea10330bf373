using System.Globalization;
using System.Text.Json;

namespace Sluice.Grains.Webhooks;

/// <summary>What is sent, as people read it: made of the body that programs are sent, so that both say the same.</summary>
/// <param name="Title">One line.</param>
/// <param name="Lines">What there is besides.</param>
internal sealed record WebhookText(string Title, IReadOnlyList<string> Lines)
{
    /// <summary>Of a body.</summary>
    public static WebhookText Of(string body)
    {
        using var document = JsonDocument.Parse(body);
        var (type, data) = (document.RootElement.GetProperty("type").GetString()!, document.RootElement.GetProperty("data"));
        return type.Split('.')[0] switch
        {
            "alert" => Alert(type, data),
            "budget" => Budget(type, data),
            _ => Subscription(type, data),
        };
    }

    private static WebhookText Alert(string type, JsonElement data)
    {
        var about = Text(data, "about") is { } group ? $" ({group})" : "";
        string?[] lines = [Text(data, "summary"), Text(data, "condition"), Text(data, "value") is { } value ? $"value {value}" : null, $"since {Text(data, "since")}"];
        return new WebhookText($"[{Text(data, "severity")}] {Text(data, "alert")}{about} {(type is "alert.firing" ? "is firing" : "is resolved")}", [.. lines.OfType<string>().Distinct(StringComparer.Ordinal)]);
    }

    private static WebhookText Budget(string type, JsonElement data) => new(
        $"Budget {Text(data, "budget")} of {Text(data, "subject")} {(type is "budget.warning" ? $"has spent {Text(data, "sharePercent")} %" : "is spent and refuses")}",
        [$"{Amount(data, "spent")} of {Amount(data, "limit")} {Unit(data)} since {Text(data, "windowStart")}"]);

    private static WebhookText Subscription(string type, JsonElement data) => new(
        $"Subscription of tenant {Text(data, "tenant")} to {Text(data, "product")} is {type[(type.IndexOf('.', StringComparison.Ordinal) + 1)..]}",
        [.. new[] { $"by {Text(data, "by")}", Text(data, "note") }.OfType<string>()]);

    private static string Unit(JsonElement data) => Text(data, "unit") is "money" ? "US dollar" : Text(data, "unit")!;

    private static string Amount(JsonElement data, string name) =>
        Text(data, "unit") is "money" ? (data.GetProperty(name).GetInt64() / 1e9m).ToString("0.00####", CultureInfo.InvariantCulture) : Text(data, name)!;

    private static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value) ? value.ToString() : null;
}
