using Microsoft.AspNetCore.Http;
using Sluice.Edge.Configuration;
using Sluice.Edge.Upstreams;
using Sluice.Revisions.Compiled;
using Sluice.Revisions.Resources;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>Keeps a browser on one part of a split by a cookie that the edge itself gives it. Who has none, or one that was not issued here, is given a new one.</summary>
internal sealed class VisitorCookies(WorkspaceKey shared)
{
    private VisitorIds? _ids;

    /// <summary>The chance by which the part is chosen.</summary>
    public async ValueTask<double> ChanceAsync(HttpContext http, CompiledRoute route, string cookie, StickyIssue issue)
    {
        var given = http.Request.Cookies[cookie];
        if (await FindIdsAsync(http.RequestAborted) is not { } ids)
        {
            // Nobody can tell who invented his: whoever has one stays where it leads, and others are given one once silos answer.
            return IssuedId.Of(given) is { } claimed ? route.ChanceOf(claimed) : Chance.Next();
        }

        if (ids.Find(cookie, given) is { } known)
        {
            return route.ChanceOf(known);
        }

        var value = ids.Issue(cookie);
        http.Response.OnStarting(static state => ((Given)state).Put(), new Given(http, cookie, value, issue));
        return route.ChanceOf(value.AsSpan(0, IssuedId.PartLength));
    }

    private async ValueTask<VisitorIds?> FindIdsAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _ids) is { } known)
        {
            return known;
        }

        try
        {
            var made = new VisitorIds(await shared.GetAsync(cancellation));
            Volatile.Write(ref _ids, made);
            return made;
        }
        catch (Exception)
        {
            return null;
        }
    }

    // Put when the answer begins, whoever gives it: what an upstream sets stays beside it.
    private sealed record Given(HttpContext Http, string Cookie, string Value, StickyIssue Issue)
    {
        public Task Put()
        {
            Http.Response.Cookies.Append(Cookie, Value, new CookieOptions
            {
                HttpOnly = true,
                MaxAge = Issue.MaxAge,
                Path = Issue.Path,
                Domain = Issue.Domain,
                Secure = Issue.Secure ?? (Http.Request.IsHttps || Issue.SameSite is StickySameSite.None),
                SameSite = Issue.SameSite switch
                {
                    StickySameSite.None => SameSiteMode.None,
                    StickySameSite.Strict => SameSiteMode.Strict,
                    _ => SameSiteMode.Lax,
                },
            });
            return Task.CompletedTask;
        }
    }
}
