using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Sluice.Grains.Webhooks;

/// <summary>Sends mail by the operator's server: plain text, with one id for all attempts at a message, by which a reader's program knows a repeat.</summary>
internal sealed class MailSender(IOptions<MailOptions> options, TimeProvider time)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    /// <summary>Makes one attempt, of 15 s at most. Nothing is thrown but for cancellation.</summary>
    public async Task<SendResult> SendAsync(ImmutableArray<string> to, StoredDelivery delivery, CancellationToken cancellation)
    {
        var server = options.Value;
        if (server is not { Host: { } host, From: { } from })
        {
            return new SendResult("There is no server for mail: Mail:Host and Mail:From are to be set.");
        }

        using var bound = new CancellationTokenSource(Bound, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        using var client = new SmtpClient { LocalDomain = MailboxAddress.Parse(from).Domain };
        try
        {
            var security = !server.Tls ? SecureSocketOptions.None : server.Port is 465 ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls;
            await client.ConnectAsync(host, server.Port, security, both.Token);
            if (server is { User: { } user, Password: { } password })
            {
                await client.AuthenticateAsync(user, password, both.Token);
            }

            using var message = Write(from, to, delivery);
            await client.SendAsync(message, both.Token);
            await client.DisconnectAsync(quit: true, both.Token);
            return new SendResult(null);
        }
        catch (SmtpCommandException refused)
        {
            return new SendResult(string.Create(CultureInfo.InvariantCulture, $"'{host}' refused with {(int)refused.StatusCode}: {refused.Message}"));
        }
        catch (Exception failure) when (failure is ProtocolException or AuthenticationException or SslHandshakeException or SocketException or IOException or NotSupportedException or ServiceNotConnectedException)
        {
            return new SendResult($"'{host}' could not be used: {(failure is AuthenticationException ? "it did not take Mail:User and Mail:Password" : failure.GetBaseException().Message.Split('\n')[0])}.");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SendResult($"'{host}' did not answer within {Bound.TotalSeconds:0} seconds.");
        }
    }

    private MimeMessage Write(string from, ImmutableArray<string> to, StoredDelivery delivery)
    {
        var text = WebhookText.Of(delivery.Body);
        var message = new MimeMessage { Subject = text.Title, MessageId = $"{delivery.Id}@sluice", Date = time.GetUtcNow() };
        message.From.Add(MailboxAddress.Parse(from));
        message.To.AddRange(to.Select(MailboxAddress.Parse));

        // Programs that answer by themselves leave it alone: RFC 3834.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = new TextPart("plain") { Text = new StringBuilder().AppendJoin("\r\n", text.Lines).ToString() };
        return message;
    }
}
