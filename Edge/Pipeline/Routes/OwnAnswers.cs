using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Revisions.Compiled;

namespace Sluice.Edge.Pipeline.Routes;

/// <summary>Answers that a route gives by itself: a redirect, or a fixed one.</summary>
internal static class OwnAnswers
{
    /// <summary>Answers the client.</summary>
    public static Task WriteAsync(in Arrival arrival, CompiledRoute route, Caller? caller)
    {
        var http = arrival.Http;
        var values = RouteEdit.ValuesOf(arrival, caller);
        if (route.Transforms?.ResponseHeaders is { } changes)
        {
            RouteEdit.Apply(changes, values, http.Response.Headers);
        }

        if (route.Redirect is { } redirect)
        {
            var query = http.Request.QueryString.Value ?? "";
            query = route.Transforms?.Query is { } edit ? QueryEdit.Apply(query, edit, values) : query;
            http.Response.StatusCode = redirect.Status;
            http.Response.Headers.Location = redirect.OriginFor(values) + new PathString(redirect.PathFor(values)).ToUriComponent() + query;
            http.Response.ContentLength = 0;
            return Task.CompletedTask;
        }

        var respond = route.Resource.Respond!;
        http.Response.StatusCode = respond.Status;
        if (respond.Body is null)
        {
            if (respond.Status is not (204 or 205 or 304))
            {
                http.Response.ContentLength = 0;
            }

            return Task.CompletedTask;
        }

        var body = Encoding.UTF8.GetBytes(respond.Body);
        http.Response.ContentType = respond.ContentType;
        http.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
