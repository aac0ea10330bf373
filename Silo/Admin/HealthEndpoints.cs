using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Sluice.Silo.Admin;

/// <summary>What operators' machines ask of a silo, without a key: <c>/healthz/live</c> and <c>/healthz/ready</c>, a line of text each.</summary>
internal static class HealthEndpoints
{
    // They are no part of the API: its document describes what needs a key.
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/healthz/live", () => Results.Text("live\n")).WithMetadata(new Declaration(null, [])).ExcludeFromDescription();
        app.MapGet("/healthz/ready", ReadyAsync).WithMetadata(new Declaration(null, [])).ExcludeFromDescription();
    }

    private static async Task<IResult> ReadyAsync(SiloReadiness readiness, CancellationToken cancellation) =>
        await readiness.FindFaultAsync(cancellation) is { } fault
            ? Results.Text($"{fault}\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ready\n");
}
