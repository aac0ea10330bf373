using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Sluice.Grains.Interfaces.Tenants;
using Sluice.Silo.Admin;
using Sluice.Silo.Console.Session;

namespace Sluice.Silo.Console.Parts;

/// <summary>
/// A page that moves by itself: it reads what it shows anew after each change of the workspace, told by the source that <c>/api/v1/events</c> has, and every few
/// seconds besides.
/// </summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    // Of changes that come in a row one look shows all.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _ended = new();

    /// <summary>Why the page cannot show, or did not do, what was asked; null: nothing is wrong.</summary>
    protected Problem? Wrong { get; set; }

    /// <summary>Whether the first look is over.</summary>
    protected bool IsRead { get; private set; }

    /// <summary>Ends with the page. Taken once: a page may be left amid a look, which asks for it again when its source is gone.</summary>
    protected CancellationToken Ended { get; }

    /// <summary>A page that was not looked at yet.</summary>
    protected LivePage() => Ended = _ended.Token;

    /// <summary>How long the page goes without a look.</summary>
    protected virtual TimeSpan Every => TimeSpan.FromSeconds(3);

    /// <summary>By what the page was reached: where it differs, the page starts anew.</summary>
    protected virtual string Place => "";

    /// <summary>Now, as the silo has it.</summary>
    protected DateTimeOffset Now => Time.GetUtcNow();

    [Inject]
    private protected ConsoleApi Api { get; set; } = null!;

    [Inject]
    private protected TimeProvider Time { get; set; } = null!;

    [Inject]
    private ChangePoke Poke { get; set; } = null!;

    [CascadingParameter]
    private Task<AuthenticationState>? Identity { get; set; }

    /// <summary>Whether who is signed in may change things; the API refuses whoever may not, whatever is shown.</summary>
    protected bool MayChange { get; private set; }

    /// <summary>Whether who is signed in may manage a tenant's keys and subscriptions.</summary>
    protected bool MayManage { get; private set; }

    /// <summary>The only tenant whom somebody is signed in for; null: no such bound.</summary>
    protected string? Own { get; private set; }

    private string? _place;
    private Problem? _unread;

    /// <summary>Reads what the page shows.</summary>
    protected abstract Task ReadAsync();

    /// <inheritdoc />
    protected override async Task OnInitializedAsync()
    {
        if (Identity is not null && (await Identity).User is var user)
        {
            (MayChange, Own) = (user.IsInRole(nameof(AdminRole.Operator)), TenantPages.OwnOf(user));
            MayManage = MayChange || user.IsInRole(nameof(AdminRole.TenantAdmin));
        }

        _ = FollowAsync();
    }

    /// <inheritdoc />
    protected override async Task OnParametersSetAsync()
    {
        if (!string.Equals(_place, Place, StringComparison.Ordinal))
        {
            (_place, IsRead, Wrong) = (Place, false, null);
            await LookAsync();
        }
    }

    /// <summary>Does something, and shows why where it is refused.</summary>
    protected async Task TryAsync(Func<Task> act)
    {
        Wrong = null;
        try
        {
            await act();
            await ReadAsync();
        }
        catch (ConsoleRefusedException refused)
        {
            Wrong = refused.Problem;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the page.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _ended.Cancel();
            _ended.Dispose();
        }
    }

    private async Task LookAsync()
    {
        try
        {
            await ReadAsync();
            IsRead = true;

            // What a look could not read it can now; what somebody was refused stays to be read.
            Wrong = ReferenceEquals(Wrong, _unread) ? null : Wrong;
        }
        catch (ConsoleRefusedException refused)
        {
            Wrong ??= _unread = refused.Problem;
        }
    }

    private async Task FollowAsync()
    {
        var ended = Ended;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, Poke.Stopping);
        try
        {
            while (true)
            {
                var next = Poke.Next;
                await Task.WhenAny(next, Task.Delay(Every, Time, either.Token));
                await Task.Delay(Rest, Time, either.Token);
                await InvokeAsync(async () =>
                {
                    await LookAsync();
                    StateHasChanged();
                });
            }
        }
        catch (Exception over) when (ended.IsCancellationRequested || (over is OperationCanceledException && either.IsCancellationRequested))
        {
            // The page was left, or the silo stops.
        }
    }
}
