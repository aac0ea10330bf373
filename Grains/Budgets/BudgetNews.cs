using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Interfaces.Fleet;
using Sluice.Grains.Interfaces.Webhooks;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Budgets;

/// <summary>Tells as changes, and to webhooks, what people want to know of a budget: that a share of it is spent, that it refused. Once in a window, or twice where a silo ended amid the telling.</summary>
internal sealed class BudgetNews(IGrainFactory grains, TimeProvider time, ILogger log)
{
    private string _workspace = "";
    private string _budget = "";
    private string _subject = "";

    /// <summary>Of which budget it tells.</summary>
    public void Of(string workspace, string budget, string subject) => (_workspace, _budget, _subject) = (workspace, budget, subject);

    /// <summary>Tells what is new, and answers the ledger in which it is noted as told.</summary>
    public async Task<BudgetLedger> TellAsync(BudgetLedger ledger, BudgetResource budget, BudgetTerms terms, bool isRefused)
    {
        var next = ledger;
        var shown = terms with { Limit = budget.Amount };
        var spent = ledger.Spent(terms);
        var share = budget.WarnAt.LastOrDefault(percent => (Int128)spent * 100 >= (Int128)ledger.LimitOf(shown) * percent);
        if (share > ledger.At(terms.Window).Warned && await IsToldAsync(ChangeKind.BudgetWarning, $"{_budget}/{_subject}/{share}%", notice: Notice(WebhookEvent.BudgetWarning, share)))
        {
            next = next.Warned(terms, share);
        }

        if (isRefused && !ledger.At(terms.Window).ToldExhausted && await IsToldAsync(ChangeKind.BudgetExhausted, $"{_budget}/{_subject}", notice: Notice(WebhookEvent.BudgetExhausted, null)))
        {
            next = next.Told(terms);
        }

        return next;

        BudgetNotice Notice(WebhookEvent what, int? percent) => new(
            what, _budget, _subject, new DateTimeOffset(terms.Window, TimeSpan.Zero), budget.Unit.ToString().ToLowerInvariant(), ledger.LimitOf(shown), spent, percent, time.GetUtcNow());
    }

    /// <summary>Somebody added to the budget.</summary>
    public Task ToppedUpAsync(long amount, Author author) => IsToldAsync(ChangeKind.BudgetToppedUp, string.Create(CultureInfo.InvariantCulture, $"{_budget}/{_subject}/{amount}"), author);

    /// <summary>Somebody closed the lease of a lost edge.</summary>
    public Task ResolvedAsync(string edge, long spent, Author author) =>
        IsToldAsync(ChangeKind.LeaseResolved, string.Create(CultureInfo.InvariantCulture, $"{_budget}/{_subject}/{edge}/{spent}"), author);

    private async Task<bool> IsToldAsync(ChangeKind kind, string subject, Author? author = null, BudgetNotice? notice = null)
    {
        try
        {
            // First, since it changes nothing where it comes again.
            if (notice is not null)
            {
                await grains.GetGrain<IWebhooksGrain>(_workspace).PostAsync(notice);
            }

            await grains.GetGrain<IChangeLogGrain>(_workspace).AppendAsync(new NewChange(kind, subject, author ?? Author.System));
            return true;
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Budget {Budget} of {Subject} has news that could not be told: {Kind}.", _budget, _subject, kind);
            return false;
        }
    }
}
