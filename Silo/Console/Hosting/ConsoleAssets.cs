using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Sluice.Silo.Console.Hosting;

/// <summary>
/// The console's files, out of this assembly: they are there however Sluice was built and from whatever folder it runs. Each path has the file's hash in it, so
/// that browsers keep it for good and never show one of another version.
/// </summary>
internal static class ConsoleAssets
{
    private const string Prefix = "console/";
    private const int HashLength = 16;

    private static readonly FrozenDictionary<string, Lazy<Asset>> ByName = typeof(ConsoleAssets).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .ToFrozenDictionary(name => name[Prefix.Length..], name => new Lazy<Asset>(() => Asset.Read(name)), StringComparer.Ordinal);

    /// <summary>Where a file is, seen from the console's base address.</summary>
    public static string PathOf(string name) => $"assets/{ByName[name].Value.Hash}/{name}";

    /// <summary>Maps the files, open to all: they are the same in every Sluice of this version.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints
        .MapGet("/assets/{hash}/{name}", (HttpContext http, string hash, string name) =>
        {
            if (!ByName.TryGetValue(name, out var lazy) || !string.Equals(lazy.Value.Hash, hash, StringComparison.Ordinal))
            {
                return Results.NotFound();
            }

            var isPacked = http.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase);
            http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
            http.Response.Headers.Remove("Pragma");
            http.Response.Headers.Vary = "Accept-Encoding";
            if (isPacked)
            {
                http.Response.Headers.ContentEncoding = "br";
            }

            return Results.Bytes(isPacked ? lazy.Value.Packed : lazy.Value.Plain(), TypeOf(name));
        })
        .AllowAnonymous()
        .ExcludeFromDescription();

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    // Only the packed form stays in memory: the plain one is asked for by hardly any browser.
    private sealed record Asset(string Hash, byte[] Packed)
    {
        public static Asset Read(string resource)
        {
            using var stream = typeof(ConsoleAssets).Assembly.GetManifestResourceStream(resource)!;
            using var plain = new MemoryStream();
            stream.CopyTo(plain);
            using var packed = new MemoryStream();
            using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            {
                brotli.Write(plain.GetBuffer(), 0, (int)plain.Length);
            }

            return new Asset(Convert.ToHexStringLower(SHA256.HashData(plain.GetBuffer().AsSpan(0, (int)plain.Length)))[..HashLength], packed.ToArray());
        }

        public byte[] Plain()
        {
            using var brotli = new BrotliStream(new MemoryStream(Packed), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            brotli.CopyTo(plain);
            return plain.ToArray();
        }
    }
}
