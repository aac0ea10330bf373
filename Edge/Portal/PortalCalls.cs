using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Identity;
using Sluice.Edge.Pipeline;
using Sluice.Grains.Interfaces.Tenants;

namespace Sluice.Edge.Portal;

/// <summary><c>GET /v1/catalog</c>, and <c>GET /portal</c> where no route has that path: what the tenant of a key may call.</summary>
internal sealed class PortalCalls(Identification identification)
{
    private const string PagePath = "/portal";
    private const string Challenge = "Basic realm=\"sluice\", charset=\"UTF-8\"";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Whether the page is asked for.</summary>
    public static bool IsPage(HttpRequest request) => HttpMethods.IsGet(request.Method) && string.Equals(request.Path.Value, PagePath, StringComparison.Ordinal);

    /// <summary>Answers the catalogue as JSON.</summary>
    public async Task ServeCatalogAsync(Arrival arrival)
    {
        var (caller, error) = await identification.IdentifyAsync(arrival);
        if (caller is null)
        {
            await Answers.WriteProblemAsync(arrival.Http, error!);
            return;
        }

        await WriteAsync(arrival.Http, "application/json", JsonSerializer.SerializeToUtf8Bytes(Catalog.Of(arrival.For(caller).Revision, caller), Format));
    }

    /// <summary>Answers the page. A browser asks for the key as the password of HTTP Basic.</summary>
    public async Task ServePageAsync(Arrival arrival)
    {
        var http = arrival.Http;
        var header = http.Request.Headers.Authorization.ToString();
        var (caller, error) = await (BasicKey.Read(header) is { } key ? identification.IdentifyAsync(arrival, header, key.AsMemory()) : identification.IdentifyAsync(arrival));
        if (caller is null)
        {
            http.Response.Headers.WWWAuthenticate = error!.Status == StatusCodes.Status401Unauthorized ? Challenge : default;
            await Answers.WriteProblemAsync(http, error);
            return;
        }

        http.Response.Headers.ContentSecurityPolicy = PortalPage.ContentSecurityPolicy;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        await WriteAsync(http, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(PortalPage.Write(Catalog.Of(arrival.For(caller).Revision, caller))));
    }

    private static Task WriteAsync(HttpContext http, string type, byte[] body)
    {
        http.Response.ContentType = type;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }
}
