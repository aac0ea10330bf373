using Microsoft.AspNetCore.Http;
using Sluice.Grains.Interfaces.Deferred;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Deferred;

/// <summary>What holds of works of which the provider does not tell.</summary>
internal static class UnknownWork
{
    /// <summary>Since a provider was asked, until what is not there never was: a request takes no longer than a model's whole, which is a day at most.</summary>
    public static readonly TimeSpan CertainAfter = TimeSpan.FromHours(25);

    /// <summary>How one ends of which nothing can be known any more: all that was held counts.</summary>
    public static readonly DeferredEnd End = new(UsageSource.Reserved, default, 0, 0, StatusCodes.Status200OK);
}
