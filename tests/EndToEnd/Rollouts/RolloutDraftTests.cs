using System.Text.Json;
using Sluice.Silo.Admin;
using Sluice.Silo.Console.Session;

namespace Sluice.Tests.EndToEnd.Rollouts;

/// <summary>What the console's form sends. No gateway is needed.</summary>
public sealed class RolloutDraftTests
{
    [Fact]
    public void A_draft_of_a_route_is_read_by_the_API_as_it_was_meant()
    {
        var draft = new RolloutDraft { Resource = "checkout", From = "v1", To = "v2", ErrorRate = "2.5", Latency = "1.5", Quantile = "mean", Cost = "3" };
        draft.Steps.RemoveRange(1, 2);
        (draft.Steps[0].Percent, draft.Steps[0].Hold) = ("12.5 %", "5m");

        var (name, spec, errors) = Read(draft);

        Assert.Empty(errors);
        Assert.Null(name);
        Assert.Equal((1250, TimeSpan.FromMinutes(5)), (spec!.Steps[0].Share, spec.Steps[0].Hold));
        Assert.Equal((0.025, null, 1.5), (spec.Guards.ErrorRate, spec.Guards.Latency!.Quantile, spec.Guards.Latency.Ratio));

        // Of routes no cost is known: what stands in a field that is not shown is not sent.
        Assert.Null(spec.Guards.CostRatio);
        Assert.Equal((100, TimeSpan.FromHours(1)), (spec.MinimumRequests, spec.Timeout));
    }

    [Fact]
    public void A_draft_of_a_canary_names_no_parts_and_one_of_a_model_may_watch_its_cost()
    {
        var canary = new RolloutDraft { Kind = "canaries", Resource = "trial", From = "left", To = "over" };
        var model = new RolloutDraft { Kind = "models", Resource = "chat", From = "a/x", To = "b/y", Cost = "1.1", MissingUsage = "1", ErrorRate = "", Latency = "" };

        Assert.Empty(Read(canary).Errors);
        var guards = Read(model).Spec!.Guards;
        Assert.Equal((null, null, 1.1, 0.01), (guards.ErrorRate, guards.Latency, guards.CostRatio, guards.MissingUsage));
    }

    [Fact]
    public void All_that_must_be_a_number_and_is_none_is_told_at_once()
    {
        var draft = new RolloutDraft { Resource = "checkout", ErrorRate = "-1", Latency = "1e3", MinimumRequests = "many" };
        (draft.Steps[0].Percent, draft.Steps[1].Percent) = ("ten", "");

        var problem = Assert.Throws<ConsoleRefusedException>(draft.Write).Problem;

        Assert.Equal(["steps[0]: share", "guards: latency", "guards: failures", "requests at least", "steps[1]: share"], problem.Errors!.Select(e => e.Path));
    }

    [Theory]
    [InlineData("""{"split":[{"upstream":"a"},{"upstream":"b"}]}""", "a,b")]
    [InlineData("""{"targets":[{"provider":"p","model":"m"},{"provider":"q","model":"n/o"}]}""", "p/m,q/n/o")]
    [InlineData("{}", "")]
    public void Parts_are_named_as_rollouts_name_them(string resource, string expected) =>
        Assert.Equal(expected, string.Join(',', RolloutDraft.PartsOf(JsonSerializer.Deserialize<JsonElement>(resource))));

    private static (string? Name, Grains.Interfaces.Rollouts.RolloutSpec? Spec, IReadOnlyList<Grains.Interfaces.Catalog.FieldError> Errors) Read(RolloutDraft draft) =>
        RolloutBody.Read(JsonSerializer.SerializeToElement(draft.Write(), AdminJson.Options));
}
