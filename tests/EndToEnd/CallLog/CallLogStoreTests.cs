using System.Net;
using Sluice.Tests.Processes;

namespace Sluice.Tests.EndToEnd.CallLog;

/// <summary>What becomes of requests and calls while the log's store takes nothing.</summary>
public sealed class CallLogStoreTests
{
    [Fact]
    public async Task A_store_that_takes_nothing_holds_no_request_up_and_what_waits_is_there_when_it_takes_again()
    {
        await using var gateway = await Gateway.StartAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SLUICE__EDGE__CALLLOG"] = "5" });
        var folder = Path.Combine(gateway.Data, "calls");

        // A file where the log's folder is to be.
        await File.WriteAllTextAsync(folder, "", TestContext.Current.CancellationToken);
        using var client = gateway.Client();
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await OwnModel.AskAsync(client, "sandbox")).Status);
        }

        var (status, body) = await gateway.Admin.SendAsync(HttpMethod.Get, "calls", null);
        Assert.True(status is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, body.GetRawText());
        File.Delete(folder);

        // Five had room; the other three were dropped.
        await Eventually.TrueAsync(async () => (await gateway.Admin.GetAsync("calls")).GetProperty("items").GetArrayLength() == 5, "the calls that had room");
    }
}
