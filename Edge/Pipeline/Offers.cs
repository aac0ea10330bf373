using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline;

/// <summary>What a client is told of models and routes that are not offered to everybody and for good. Described in docs/products.md and docs/lifecycle.md.</summary>
internal static class Offers
{
    /// <summary>Why a caller may not call a model; null: he may.</summary>
    public static ClientError? Refuse(Offer offer, CompiledModel model, Caller caller)
    {
        var name = model.Resource.Name;
        return caller.Stands(offer) switch
        {
            OfferTo.Hidden => ModelMatching.Unknown(name),
            OfferTo.NotSubscribed => NotSubscribed(offer, $"The model '{name}'", caller, "model"),
            OfferTo.Retired => new ClientError(410, $"The model '{name}' was retired{Since(offer)}{(offer.Lifecycle.Successor is { } next ? $"; use '{next}' instead" : "")}.", "model_retired", "model"),
            _ => null,
        };
    }

    /// <summary>Why a caller may not call a route; null: he may.</summary>
    /// <param name="caller">Null: the route is public.</param>
    public static ClientError? Refuse(Offer offer, CompiledRoute route, Caller? caller) => (caller?.Stands(offer) ?? offer.To(null, [])) switch
    {
        OfferTo.NotSubscribed => NotSubscribed(offer, $"The route '{route.Resource.Name}'", caller, null),
        OfferTo.Retired => new ClientError(410, $"What this path led to was retired{Since(offer)}{(offer.Lifecycle.Successor is { } next ? $"; use {next} instead" : "")}.", "route_retired"),
        _ => null,
    };

    /// <summary>Has the answer say, whatever else it is, that what it is of will not always be there.</summary>
    public static void Announce(HttpContext http, Offer? offer)
    {
        if (offer?.Deprecation is null && offer?.Links.IsEmpty is not false)
        {
            return;
        }

        // When the answer begins: an upstream's own headers of these names, and an answer begun anew, come before.
        http.Response.OnStarting(
            static state =>
            {
                var (http, offer) = ((HttpContext, Offer))state;
                http.Response.Headers["Deprecation"] = offer.Deprecation;
                http.Response.Headers["Sunset"] = offer.Sunset;
                foreach (var link in offer.Links)
                {
                    http.Response.Headers.Append("Link", link);
                }

                return Task.CompletedTask;
            },
            (http, offer));
    }

    private static ClientError NotSubscribed(Offer offer, string what, Caller? caller, string? param) => new(
        403, $"{what} is for subscribers of {string.Join(" or ", offer.Products.Select(p => $"'{p}'"))} alone{(caller is null ? "" : $", and tenant '{caller.Identity.Tenant}' has no approved subscription")}. Ask for one.", "not_subscribed", param);

    private static string Since(Offer offer) => offer.Lifecycle is { Sunset: { } day } ? string.Create(CultureInfo.InvariantCulture, $" on {day:yyyy-MM-dd}") : "";
}
