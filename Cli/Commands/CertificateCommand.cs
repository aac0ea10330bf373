using System.CommandLine;
using System.Globalization;
using Sluice.Cli.Admin;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Silo.Admin;

namespace Sluice.Cli.Commands;

/// <summary><c>sluice certificate</c></summary>
internal static class CertificateCommand
{
    private static readonly string[] Columns = ["NAME", "HOSTS", "ENDS", "AUTHORITY", "ORDER", "NEXT", "WARNING"];

    public static Command Define()
    {
        var name = new Argument<string>("certificate") { Description = "The certificate's name." };
        return new Command("certificate", "Show how certificates stand, and have one obtained anew.")
        {
            AdminSession.Define(
                "status",
                "Show whom each is for, when it ends, how it is obtained, and what is to be done.",
                async (session, _, cancellation) =>
                {
                    var list = await session.Client.GetAsync<CertificateList>("certificate-status", cancellation);
                    return session.Write(list, Columns, list.Items.Select(Row));
                }),
            AdminSession.Define(
                "renew",
                "Obtain one anew from its authority, now.",
                async (session, parsed, cancellation) =>
                {
                    var certificate = await session.Client.PostAsync<CertificateStatus>(ApiPath.Join("certificates", parsed.GetRequiredValue(name), "renew"), null, cancellation);
                    return session.Write(certificate, Columns, [Row(certificate)]);
                },
                name),
        };
    }

    private static string[] Row(CertificateStatus c) =>
        [c.Name, string.Join(", ", c.Hosts), Time(c.Ends), c.Order?.Authority ?? "", c.Order?.State.ToString().ToLowerInvariant() ?? "", Time(c.Order?.NextAt), c.Warning ?? ""];

    private static string Time(DateTimeOffset? at) => at?.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
