using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Sluice.Silo.Console.Hosting;
using Sluice.Silo.Oidc;

namespace Sluice.Silo.Console.Session;

/// <summary>
/// Sign-in to the console by an identity provider: authorization code with PKCE (RFC 7636), state and nonce. What comes of it is the console's own cookie, and no token is
/// kept. See docs/sign-in.md.
/// </summary>
internal static class OidcSignIn
{
    /// <summary>Where a browser begins, below the console.</summary>
    public const string Begin = "/oidc";

    /// <summary>Where a browser ends its session with the provider too.</summary>
    public const string End = "/oidc/leave";

    /// <summary>Why a sign-in did not come about, in the sign-in page's address: a word of ours, nothing of what came from elsewhere.</summary>
    public const string FailureKey = "failed";

    private const string Scheme = "oidc";
    private const string Callback = "/oidc/callback";
    private const string Left = "/oidc/left";
    private const int LongestFailure = 500;
    private static readonly TimeSpan MostBetween = TimeSpan.FromMinutes(15);

    /// <summary>Adds the provider to the ways of signing in.</summary>
    public static void Add(AuthenticationBuilder authentication, OidcOptions settings, OidcProvider provider, TimeProvider time) => authentication.AddOpenIdConnect(Scheme, oidc =>
    {
        oidc.ConfigurationManager = provider;
        oidc.Backchannel = provider.Http;
        oidc.TimeProvider = time;
        oidc.ClientId = settings.ClientId;
        oidc.ClientSecret = settings.ClientSecret;
        oidc.ResponseType = OpenIdConnectResponseType.Code;
        oidc.ResponseMode = OpenIdConnectResponseMode.Query;
        oidc.UsePkce = true;
        oidc.MapInboundClaims = false;
        oidc.SaveTokens = false;
        oidc.GetClaimsFromUserInfoEndpoint = settings.UserInfo;
        oidc.RemoteAuthenticationTimeout = MostBetween;
        oidc.ProtocolValidator.NonceLifetime = MostBetween;
        oidc.CallbackPath = Callback;
        oidc.SignedOutCallbackPath = Left;
        oidc.SignedOutRedirectUri = $"{ConsoleHost.Path}/sign-in";
        oidc.RemoteSignOutPath = default;
        oidc.SignInScheme = CookieAuthenticationDefaults.AuthenticationScheme;
        oidc.TokenValidationParameters = provider.ChecksFor([settings.ClientId!]);
        oidc.TokenHandler = new JsonWebTokenHandler { MapInboundClaims = false };
        oidc.ClaimActions.Clear();
        oidc.Scope.Clear();
        foreach (var scope in settings.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            oidc.Scope.Add(scope);
        }

        // The browser comes back from elsewhere, by a link: Lax is sent then. The session's own cookie is Strict.
        foreach (var cookie in new[] { oidc.CorrelationCookie, oidc.NonceCookie })
        {
            cookie.SameSite = SameSiteMode.Lax;
            cookie.SecurePolicy = SecurePolicy(settings);
        }

        oidc.Events = EventsOf(settings, provider, time);
    });

    /// <summary>Whether cookies are for TLS alone: where browsers come by TLS, though a proxy before this process ends it.</summary>
    public static CookieSecurePolicy SecurePolicy(OidcOptions settings) =>
        settings.PublicUrl?.StartsWith("https://", StringComparison.OrdinalIgnoreCase) is true ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;

    /// <summary>Maps where a browser begins and leaves.</summary>
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(Begin, (HttpContext http, string? to) => http.ChallengeAsync(Scheme, new AuthenticationProperties { RedirectUri = ReturnPath.Of(to) })).AllowAnonymous();
        endpoints.MapGet(End, (HttpContext http) => http.SignOutAsync(Scheme)).AllowAnonymous();
    }

    private static OpenIdConnectEvents EventsOf(OidcOptions settings, OidcProvider provider, TimeProvider time) => new()
    {
        OnRedirectToIdentityProvider = context =>
        {
            context.ProtocolMessage.RedirectUri = Public(settings, Callback) ?? context.ProtocolMessage.RedirectUri;
            return Task.CompletedTask;
        },
        OnRedirectToIdentityProviderForSignOut = context =>
        {
            context.ProtocolMessage.ClientId = settings.ClientId;
            context.ProtocolMessage.PostLogoutRedirectUri = Public(settings, Left) ?? context.ProtocolMessage.PostLogoutRedirectUri;
            return Task.CompletedTask;
        },

        // The key may be newer than those that are known.
        OnTokenResponseReceived = async context => await provider.ForAsync(new JsonWebToken(context.TokenEndpointResponse.IdToken), context.HttpContext.RequestAborted),
        OnTokenValidated = context =>
        {
            if (!settings.UserInfo)
            {
                Take(context, OperatorTokens.ClaimsOf(new JsonWebToken(context.TokenEndpointResponse!.IdToken)), settings, time);
            }

            return Task.CompletedTask;
        },
        OnUserInformationReceived = context =>
        {
            var ofToken = OperatorTokens.ClaimsOf(new JsonWebToken(context.ProtocolMessage.IdToken));
            Take(context, Merge(ofToken, context.User.RootElement), settings, time);
            return Task.CompletedTask;
        },
        OnTicketReceived = context =>
        {
            // The way here began at the provider's: a cookie that is Strict goes along only from a page of the console on.
            context.ReturnUri = $"{ConsoleHost.Path}/signed-in?to={Uri.EscapeDataString(TenantPages.Goal(ReturnPath.Of(context.ReturnUri), context.Principal is { } who ? TenantPages.OwnOf(who) : null))}";
            return Task.CompletedTask;
        },
        OnAccessDenied = context => RefuseAsync(context, "denied"),
        OnRemoteFailure = context => RefuseAsync(context, context.Failure is NoRoleException ? "role" : "provider"),
    };

    private static string? Public(OidcOptions settings, string path) => settings.PublicUrl is { } url ? url.TrimEnd('/') + ConsoleHost.Path + path : null;

    private static void Take(RemoteAuthenticationContext<OpenIdConnectOptions> context, JsonElement claims, OidcOptions settings, TimeProvider time)
    {
        var (who, wrong) = Vouched.Read(settings, claims);
        if (who?.As(settings) is not { } caller)
        {
            context.Fail(new NoRoleException(wrong));
            return;
        }

        var until = time.GetUtcNow() + settings.Session;
        var from = context.HttpContext.Connection.RemoteIpAddress ?? IPAddress.None;
        context.Principal = SignedIn.Write(who, caller, (from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from).ToString(), until);
        context.Properties!.ExpiresUtc = until;
        context.Properties.AllowRefresh = false;
    }

    // The token's own claims were signed: what they say is not said otherwise.
    private static JsonElement Merge(JsonElement token, JsonElement told)
    {
        var all = told.EnumerateObject().Concat(token.EnumerateObject()).GroupBy(claim => claim.Name, StringComparer.Ordinal).ToDictionary(claim => claim.Key, claim => claim.Last().Value, StringComparer.Ordinal);
        return JsonSerializer.SerializeToElement(all);
    }

    private static Task RefuseAsync(HandleRequestContext<RemoteAuthenticationOptions> context, string reason)
    {
        var failure = (context as RemoteFailureContext)?.Failure?.GetBaseException().Message ?? "the provider said no";
        context.HttpContext.RequestServices.GetRequiredService<ILogger<OidcProvider>>().LogWarning(
            "A sign-in by the identity provider failed ({Reason}): {Failure}", reason, failure[..Math.Min(failure.Length, LongestFailure)]);
        context.Response.Redirect($"{ConsoleHost.Path}/sign-in?{FailureKey}={reason}");
        context.HandleResponse();
        return Task.CompletedTask;
    }

    private sealed class NoRoleException(string message) : Exception(message);
}
