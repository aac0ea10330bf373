using System.Diagnostics;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MudBlazor.Services;
using Sluice.Grains.Sealing;
using Sluice.Silo.Admin;
using Sluice.Silo.Console.Session;
using Sluice.Silo.Oidc;

namespace Sluice.Silo.Console.Hosting;

/// <summary>The pages with their services. Made for the first who asks: a silo whose console nobody opens starts, and stays, as if there were none.</summary>
internal sealed class ConsolePages : IAsyncDisposable
{
    // Scripts are files of ours alone. Styles stand in the pages: the theme's colours, and positions that components work out.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>How long a browser that does nothing stays signed in.</summary>
    private static readonly TimeSpan Stay = TimeSpan.FromHours(8);

    /// <summary>How long a page that lost its browser goes on reading.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromSeconds(30);

    /// <summary>How long a browser may take to let go of its page when the silo ends.</summary>
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(1);

    // What the pages have from the silo; all else is their own.
    private static readonly Type[] Shared =
    [
        typeof(IConfiguration), typeof(IWebHostEnvironment), typeof(IHostEnvironment), typeof(IHostApplicationLifetime), typeof(ILoggerFactory), typeof(DiagnosticListener), typeof(DiagnosticSource), typeof(ActivitySource),
        typeof(DistributedContextPropagator), typeof(TimeProvider), typeof(IGrainFactory), typeof(KeyringSource), typeof(ChangePoke), typeof(AdminPipeline), typeof(OidcOptions), typeof(OidcProvider),
    ];

    private readonly Lazy<(ServiceProvider Services, RequestDelegate Pages)> _made;
    private readonly CancellationTokenSource _parted = new();
    private readonly CancellationTokenRegistration _stopping;

    public ConsolePages(IServiceProvider silo)
    {
        _made = new(() =>
        {
            var services = AddServices(silo).BuildServiceProvider();
            return (services, Build(services));
        });
        _stopping = silo.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => _parted.CancelAfter(Parting));
    }

    /// <summary>Answers a request.</summary>
    public async Task RunAsync(HttpContext http)
    {
        var (services, pages) = _made.Value;
        var outer = http.RequestServices;
        await using var scope = services.CreateAsyncScope();

        // One that went silent (a laptop that was closed) would hold the silo until its own bound, and the silo would leave the cluster without a word.
        await using var parted = _parted.Token.UnsafeRegister(static request => ((HttpContext)request!).Abort(), http);
        http.RequestServices = scope.ServiceProvider;
        try
        {
            await pages(http);
        }
        finally
        {
            http.RequestServices = outer;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.DisposeAsync();
        if (_made.IsValueCreated)
        {
            await _made.Value.Services.DisposeAsync();
        }

        _parted.Dispose();
    }

    private static ServiceCollection AddServices(IServiceProvider silo)
    {
        var services = new ServiceCollection();
        foreach (var type in Shared)
        {
            services.AddSingleton(type, silo.GetRequiredService(type));
        }

        var oidc = silo.GetRequiredService<OidcOptions>();
        services.AddLogging().AddRouting();
        services.AddSingleton<KeyringProtection>();
        services.AddSingleton<IDataProtectionProvider>(provider => provider.GetRequiredService<KeyringProtection>());
        services.AddSingleton<EdgeCaller>();
        services.AddScoped<ConsoleApi>();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits => (circuits.DisconnectedCircuitRetentionPeriod, circuits.DisconnectedCircuitMaxRetained) = (Lost, 20));
        services.AddCascadingAuthenticationState();
        services.AddMudServices();
        services.AddAuthorization(authorization => authorization.DefaultPolicy = new AuthorizationPolicyBuilder().RequireAuthenticatedUser().RequireAssertion(TenantPages.MayOpen).Build());
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "sluice-form";
            antiforgery.Cookie.SecurePolicy = OidcSignIn.SecurePolicy(oidc);
            antiforgery.SuppressXFrameOptionsHeader = true;
        });
        var authentication = services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(cookie =>
        {
            cookie.Cookie.Name = "sluice-console";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Strict;
            cookie.Cookie.SecurePolicy = OidcSignIn.SecurePolicy(oidc);
            cookie.ExpireTimeSpan = Stay;
            cookie.LoginPath = "/sign-in";
            cookie.AccessDeniedPath = "/forbidden";
            cookie.Events.OnValidatePrincipal = EndWhereRevokedAsync;
        });
        if (oidc.SignsIn)
        {
            OidcSignIn.Add(authentication, oidc, silo.GetRequiredService<OidcProvider>(), silo.GetRequiredService<TimeProvider>());
        }

        return services;
    }

    private static RequestDelegate Build(ServiceProvider services)
    {
        var oidc = services.GetRequiredService<OidcOptions>();
        var console = new ApplicationBuilder(services);
        console.Use(next => http => ProtectAsync(http, next));
        console.UseRouting();
        console.UseAuthentication();
        console.UseAuthorization();
        console.UseAntiforgery();
        console.UseEndpoints(endpoints =>
        {
            ConsoleAssets.Map(endpoints);
            if (oidc.SignsIn)
            {
                OidcSignIn.Map(endpoints);
            }

            endpoints.MapRazorComponents<App>()
                .AddInteractiveServerRenderMode(mode => mode.ContentSecurityFrameAncestorsPolicy = null)
                .RequireAuthorization();
        });
        return console.Build();
    }

    private static async Task ProtectAsync(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers.CacheControl = "no-cache, no-store";
        headers.Pragma = "no-cache";
        if (!http.Request.Path.HasValue)
        {
            http.Response.Redirect($"{ConsoleHost.Path}/");
            return;
        }

        await http.RequestServices.GetRequiredService<KeyringProtection>().ReadyAsync();
        await next(http);
    }

    private static async Task EndWhereRevokedAsync(CookieValidatePrincipalContext context)
    {
        var services = context.HttpContext.RequestServices;
        if (SignedIn.Read(context.Principal!) is not { } who
            || await who.FindAsync(services.GetRequiredService<IGrainFactory>(), services.GetRequiredService<OidcOptions>(), services.GetRequiredService<TimeProvider>()) is null)
        {
            context.RejectPrincipal();
        }
    }
}
