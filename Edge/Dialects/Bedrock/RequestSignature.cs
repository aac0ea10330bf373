using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Sluice.Edge.Dialects.Bedrock;

/// <summary>AWS's signature, version 4 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html), of a POST to Bedrock.</summary>
internal static partial class RequestSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private const string Service = "bedrock";
    private const string UsualRegion = "us-east-1";

    /// <summary>The headers that sign it.</summary>
    /// <param name="credential"><c>id:secret</c>, or <c>id:secret:token</c> of a session.</param>
    /// <param name="address">Its address.</param>
    /// <param name="body">What is sent.</param>
    /// <param name="now">When.</param>
    public static IReadOnlyList<(string Name, string Value)> Sign(string credential, Uri address, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var parts = credential.Split(':', 3);
        var token = parts.Length > 2 ? parts[2] : null;
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{RegionOf(address)}/{Service}/aws4_request";
        var names = token is null ? "host;x-amz-date" : "host;x-amz-date;x-amz-security-token";
        var headers = $"host:{address.Authority}\nx-amz-date:{time}\n{(token is null ? "" : $"x-amz-security-token:{token}\n")}";
        var request = $"POST\n{PathOf(address)}\n\n{headers}\n{names}\n{Hex(SHA256.HashData(body))}";
        var text = $"{Algorithm}\n{time}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(request)))}";
        var key = Encoding.UTF8.GetBytes($"AWS4{parts[1]}");
        foreach (var step in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(step));
        }

        var signed = $"{Algorithm} Credential={parts[0]}/{scope}, SignedHeaders={names}, Signature={Hex(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)))}";
        List<(string, string)> all = [("Authorization", signed), ("X-Amz-Date", time)];
        if (token is not null)
        {
            all.Add(("X-Amz-Security-Token", token));
        }

        return all;
    }

    /// <summary>The region that an address names.</summary>
    public static string RegionOf(Uri address) => Region().Match(address.Host) is { Success: true } match ? match.Groups["region"].Value : UsualRegion;

    // Each step of the path, as it is sent, is escaped once more.
    private static string PathOf(Uri address) => string.Join('/', address.AbsolutePath.Split('/').Select(Uri.EscapeDataString));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    [GeneratedRegex(@"bedrock-runtime(-fips)?\.(?<region>[a-z0-9-]+)\.", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Region();
}
