using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Grains.Interfaces.Webhooks;

namespace Sluice.Grains.Webhooks;

/// <summary>What is sent: the body and the id by which a receiver knows a repeat (Standard Webhooks 1.0, "Payload structure" and "Webhook metadata").</summary>
internal static class WebhookMessage
{
    private const int IdBytes = 20;

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The same for the same news, whoever tells it and however often: of workspace, budget, subject, window, event and share.</summary>
    public static string IdOf(string workspace, BudgetNotice notice) =>
        IdOf(FormattableString.Invariant($"{workspace}|{notice.Budget}|{notice.Subject}|{notice.Window.UtcTicks}|{WebhookEvents.Name(notice.Event)}|{notice.Share}"));

    /// <summary>The same for a subscription: of workspace, tenant, product, event and time.</summary>
    public static string IdOf(string workspace, SubscriptionNotice notice) =>
        IdOf(FormattableString.Invariant($"{workspace}|{notice.Tenant}|{notice.Product}|{WebhookEvents.Name(notice.Event)}|{notice.At.UtcTicks}"));

    /// <summary>The body, as it is sent and signed.</summary>
    public static string BodyOf(string workspace, BudgetNotice notice) => JsonSerializer.Serialize(
        new Payload(
            WebhookEvents.Name(notice.Event),
            notice.At,
            new Facts(workspace, notice.Budget, notice.Subject, notice.Window, notice.Unit, notice.Limit, notice.Spent, notice.Share)),
        Format);

    /// <summary>The body of a subscription's news.</summary>
    public static string BodyOf(string workspace, SubscriptionNotice notice) => JsonSerializer.Serialize(
        new Payload(WebhookEvents.Name(notice.Event), notice.At, new SubscriptionFacts(workspace, Subscription.IdOf(notice.Tenant, notice.Product), notice.Tenant, notice.Product, notice.By, notice.Note)),
        Format);

    /// <summary>The same for an alert: of workspace and the number of its begin or end.</summary>
    public static string IdOf(string workspace, AlertNotice notice) => IdOf(FormattableString.Invariant($"{workspace}|{notice.Transition.Alert}|{notice.Transition.Number}|{WebhookEvents.Name(notice.Event)}"));

    /// <summary>The body of an alert's news.</summary>
    public static string BodyOf(string workspace, AlertNotice notice)
    {
        var t = notice.Transition;
        var facts = new AlertFacts(workspace, t.Alert, t.About.Length > 0 ? t.About : null, t.Severity.ToString().ToLowerInvariant(), t.Summary, t.Condition, t.Value, t.Since);
        return JsonSerializer.Serialize(new Payload(WebhookEvents.Name(notice.Event), t.At, facts), Format);
    }

    private static string IdOf(string name) => $"msg_{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, IdBytes))}";

    private sealed record Payload(string Type, DateTimeOffset Timestamp, object Data);

    private sealed record SubscriptionFacts(string Workspace, string Subscription, string Tenant, string Product, string By, string? Note);

    private sealed record AlertFacts(string Workspace, string Alert, string? About, string Severity, string Summary, string Condition, double? Value, DateTimeOffset Since);

    private sealed record Facts(string Workspace, string Budget, string Subject, DateTimeOffset WindowStart, string Unit, long Limit, long Spent, int? SharePercent);
}
