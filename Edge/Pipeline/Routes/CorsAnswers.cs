using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>Tells browsers which pages may call a route: preflights are answered here, before a key is asked for, and every answer says whether its page may read it.</summary>
internal static class CorsAnswers
{
    /// <summary>Whether a browser asks what a page may, rather than making the call.</summary>
    public static bool IsPreflight(HttpRequest request) =>
        HttpMethods.IsOptions(request.Method) && request.Headers.AccessControlRequestMethod.Count == 1 && request.Headers.Origin.Count == 1;

    /// <summary>Answers a preflight where the route of the call that it asks for has <c>cors</c>; false: it is a request like others.</summary>
    public static bool TryAnswer(in Arrival arrival)
    {
        var http = arrival.Http;
        var request = http.Request;
        var method = request.Headers.AccessControlRequestMethod.ToString();
        if (arrival.Revision.Plan.Routes.Find(new RoutableRequest(request, method)).Route?.Cors is not { } cors)
        {
            return false;
        }

        var headers = http.Response.Headers;
        headers.Vary = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
        var origin = request.Headers.Origin.ToString();
        var asked = request.Headers.AccessControlRequestHeaders.ToString();
        if (cors.Takes(origin) && cors.Takes(method, asked))
        {
            PutOrigin(headers, cors, origin);
            headers.AccessControlAllowMethods = cors.Methods;
            headers.AccessControlMaxAge = cors.MaxAge;
            var allowed = cors.AnyHeader ? asked : cors.Headers;
            if (allowed.Length > 0)
            {
                headers.AccessControlAllowHeaders = allowed;
            }
        }

        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return true;
    }

    /// <summary>Has the answer say whether the page that asks may read it, whoever gives the answer; what an upstream says of that is not passed on.</summary>
    public static void Stamp(HttpContext http, CompiledCors cors) => http.Response.OnStarting(
        static state =>
        {
            var (http, cors) = ((HttpContext, CompiledCors))state;
            var headers = http.Response.Headers;
            foreach (var name in headers.Keys.Where(static n => n.StartsWith("access-control-", StringComparison.OrdinalIgnoreCase)).ToArray())
            {
                headers.Remove(name);
            }

            if (!cors.AnyOrigin && !headers.Vary.Any(static v => v?.Contains("Origin", StringComparison.OrdinalIgnoreCase) is true))
            {
                headers.Vary = StringValues.Concat(headers.Vary, "Origin");
            }

            var origin = http.Request.Headers.Origin;
            if (origin.Count == 1 && cors.Takes(origin.ToString()))
            {
                PutOrigin(headers, cors, origin.ToString());
                if (cors.Expose is { } expose)
                {
                    headers.AccessControlExposeHeaders = expose;
                }
            }

            return Task.CompletedTask;
        },
        (http, cors));

    private static void PutOrigin(IHeaderDictionary headers, CompiledCors cors, string origin)
    {
        headers.AccessControlAllowOrigin = cors.AnyOrigin ? "*" : origin;
        if (cors.Credentials)
        {
            headers.AccessControlAllowCredentials = "true";
        }
    }
}
