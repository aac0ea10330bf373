using System.Globalization;
using System.Net;
using System.Net.Mail;

namespace Sluice.Grains.Webhooks;

/// <summary>By which server mail goes out, section <c>Sluice:Mail</c>.</summary>
public sealed record MailOptions
{
    /// <summary>The server's name or address; null: webhooks with <c>format: email</c> cannot be sent.</summary>
    public string? Host { get; set; }

    /// <summary>Its port. Default 587; at 465 TLS begins with the connection, else by STARTTLS.</summary>
    public int Port { get; set; } = 587;

    /// <summary>False: without TLS, for a server on the same machine. Default true.</summary>
    public bool Tls { get; set; } = true;

    /// <summary>Whom mail is from, such as <c>sluice@example.com</c>.</summary>
    public string? From { get; set; }

    /// <summary>As whom to sign in; null: without.</summary>
    public string? User { get; set; }

    /// <summary>The password of <see cref="User"/>.</summary>
    public string? Password { get; set; }

    /// <summary>Names the server, and no password.</summary>
    public override string ToString() => Host ?? "none";

    /// <summary>All that is wrong; empty where all is right.</summary>
    public IEnumerable<string> Validate()
    {
        if (Port is <= 0 or > IPEndPoint.MaxPort)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Mail:Port must be 1 to {IPEndPoint.MaxPort}, is {Port}");
        }

        if (Host is not null && !MailAddress.TryCreate(From, out _))
        {
            yield return $"Mail:From must be an address such as sluice@example.com, is '{From}'";
        }

        if (User is not null && Password is null)
        {
            yield return "Mail:Password is missing: Mail:User is there";
        }
    }
}
