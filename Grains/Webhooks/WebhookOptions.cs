using Sluice.Revisions.Outbound;

namespace Sluice.Grains.Webhooks;

/// <summary>How webhooks are called, section <c>Sluice:Webhooks</c>.</summary>
public sealed record WebhookOptions
{
    /// <summary>Ranges of addresses that webhooks may have besides those of the internet, and without TLS, such as <c>10.20.0.0/16</c>, or one address and port, <c>10.0.0.7:8000</c>; separated by commas; null: none.</summary>
    public string? OpenRanges { get; set; }

    /// <summary>After how long a first failed attempt is repeated; each further wait is three times as long. 100 ms to 1 h. Default 5 s.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        var errors = AddressGuard.Check($"Webhooks:{nameof(OpenRanges)}", OpenRanges);
        return FirstRetry >= TimeSpan.FromMilliseconds(100) && FirstRetry <= TimeSpan.FromHours(1) ? errors : errors.Append($"Webhooks:{nameof(FirstRetry)} must be 100ms to 1h, is {FirstRetry:c}");
    }
}
