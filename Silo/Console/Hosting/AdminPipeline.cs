using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sluice.Silo.Console.Session;

namespace Sluice.Silo.Console.Hosting;

/// <summary>
/// The admin API as the console calls it: the very endpoints behind the very gate, within this process. So there is one validation, one check of roles and one
/// audit. Who calls comes as a feature of the request, which nothing that arrives over the network can set.
/// </summary>
internal sealed class AdminPipeline(IServiceScopeFactory scopes)
{
    private RequestDelegate? _api;

    /// <summary>Remembers what follows from here.</summary>
    public void Take(IApplicationBuilder app) => app.Use(next =>
    {
        _api = next;
        return next;
    });

    /// <summary>Sends a request to the API.</summary>
    /// <param name="who">Who asks.</param>
    /// <param name="method">GET, POST, PUT or DELETE.</param>
    /// <param name="path">Below <c>/api/v1</c>, escaped, with its query.</param>
    /// <param name="content">The body and its type; null: none.</param>
    /// <param name="ifMatch">The revision that has to be active; null: any.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ConsoleAnswer> SendAsync(SignedIn who, HttpMethod method, string path, (byte[] Body, string Type)? content, long? ifMatch, CancellationToken cancellation)
    {
        var target = new Uri(new Uri("http://console/api/v1/"), path.TrimStart('/'));
        await using var scope = scopes.CreateAsyncScope();
        using var answer = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellation };
        http.Features.Set(who);
        http.Request.Method = method.Method;
        http.Request.Scheme = target.Scheme;
        http.Request.Host = new HostString(target.Host);
        http.Request.Path = PathString.FromUriComponent(target);
        http.Request.QueryString = QueryString.FromUriComponent(target);
        http.Connection.RemoteIpAddress = IPAddress.TryParse(who.From, out var address) ? address : null;
        if (content is var (body, type))
        {
            http.Request.Body = new MemoryStream(body, writable: false);
            http.Request.ContentLength = body.Length;
            http.Request.ContentType = type;
        }

        if (ifMatch is { } revision)
        {
            http.Request.Headers.IfMatch = FormattableString.Invariant($"\"{revision}\"");
        }

        http.Response.Body = answer;
        await (_api ?? throw new InvalidOperationException("The admin API is not mapped."))(http);
        await http.Response.CompleteAsync();
        cancellation.ThrowIfCancellationRequested();
        return new ConsoleAnswer(http.Response.StatusCode, answer.ToArray(), http.Response.Headers);
    }
}

/// <summary>What the API answered.</summary>
internal sealed record ConsoleAnswer(int Status, byte[] Body, IHeaderDictionary Headers);
