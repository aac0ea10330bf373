namespace Sluice.Edge.Tls;

/// <summary>How a connection's handshake went: a feature of the connection.</summary>
internal sealed class Handshake
{
    /// <summary>Whether no certificate is there for the name that the client asked for.</summary>
    public bool IsUnknown { get; set; }

    /// <summary>By which certificate it was answered; null: by none yet.</summary>
    public ServerCertificate? Certificate { get; set; }

    /// <summary>What upstreams are told of the certificate that the client has shown; empty: it has shown none; null: nobody has looked yet.</summary>
    public string? ShownText { get; set; }

    /// <summary>Whom the certificate that the client has shown stands for; null: nobody has looked yet.</summary>
    public ShownBearer? Bearer { get; set; }

    /// <summary>Whether it came to its end.</summary>
    public bool IsDone { get; set; }
}
