using System.Text;
using Microsoft.AspNetCore.Http;
using Sluice.Edge.Dialects.Neutral;
using Sluice.Edge.Tokens;
using Sluice.Grains.Interfaces.Usage;

namespace Sluice.Edge.Pipeline;

/// <summary>Tells how many tokens a request has where its provider cannot be asked: counted here by the model's vocabulary, and marked as an estimate.</summary>
internal static class CountedAnswer
{
    /// <summary>Answers the client.</summary>
    /// <param name="arrival">The request.</param>
    /// <param name="call">As it was matched.</param>
    public static async ValueTask<Metering.Settlement> WriteAsync(Arrival arrival, ModelCall call)
    {
        var http = arrival.Http;
        var target = call.Matched.Target;
        if (await call.Turns.CountAsync(() => ConversationTokens.Estimate(call.Conversation!, target.Vocabulary), http.RequestAborted) is not { } count)
        {
            await Answers.WriteErrorAsync(http, new ClientError(503, "Too many requests are being counted at this moment; try again.", "service_unavailable", RetryAfter: TimeSpan.FromSeconds(1)));
            return new Metering.Settlement(UsageSource.None, default, target.Label, StatusCodes.Status503ServiceUnavailable);
        }

        var answer = Encoding.ASCII.GetBytes(call.Client.WriteCount(count));
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = answer.Length;
        http.Response.Headers[Translations.Header] = "answer: estimated by the gateway, for the model's provider does not count";
        await http.Response.BodyWriter.WriteAsync(answer, http.RequestAborted);
        return new Metering.Settlement(UsageSource.None, default, target.Label, StatusCodes.Status200OK);
    }
}
