using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Caching.Models;

/// <summary>What is known of a model's answer that is kept.</summary>
/// <param name="Tenant">For whom it was asked.</param>
/// <param name="IsStream">Whether it is kept as events, as it came; else whole.</param>
/// <param name="Tokens">What it used.</param>
/// <param name="IsBatch">Whether that was at the provider's batch rate.</param>
internal sealed record SaidAnswer(string Tenant, bool IsStream, TokenCounts Tokens, bool IsBatch);
