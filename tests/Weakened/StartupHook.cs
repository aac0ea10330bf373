using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Sluice.Tests.Weakened;

#pragma warning disable MA0047 // .NET looks for it without a namespace.
/// <summary>
/// Takes a rule of docs/reload.md away from one process, from outside: .NET runs this in a process that is started with <c>DOTNET_STARTUP_HOOKS</c>, and it changes what
/// the hosts of that process are put together from. The product has no such switch, and no product's image has this file.
/// </summary>
internal static class StartupHook
{
    /// <summary>Called by .NET before the program's first line.</summary>
    public static void Initialize()
    {
        var rules = Environment.GetEnvironmentVariable(WithoutRule.Rules)!.Split(',').Select(Enum.Parse<Rule>).ToArray();
        DiagnosticListener.AllListeners.Subscribe(new Seen<DiagnosticListener>(listener =>
        {
            if (string.Equals(listener.Name, "Microsoft.Extensions.Hosting", StringComparison.Ordinal))
            {
                listener.Subscribe(new Seen<KeyValuePair<string, object?>>(happening =>
                {
                    if (happening is { Key: "HostBuilding", Value: IHostBuilder host })
                    {
                        host.ConfigureServices((_, services) => Array.ForEach(rules, rule => TakeAway(rule, services)));
                    }
                }));
            }
        }));
    }

    private static void TakeAway(Rule rule, IServiceCollection services)
    {
        switch (rule)
        {
            case Rule.LeaseFromBeforeItWasAsked:
                services.AddSingleton<IOutgoingGrainCallFilter, LeaseFromReceipt>();
                break;
            case Rule.LeaseEnds:
                services.Replace(ServiceDescriptor.Singleton<TimeProvider, StandingClock>());
                break;
            case Rule.GrantCountsOnceReached:
                services.AddSingleton<IOutgoingGrainCallFilter, GrantCountsAtOnce>();
                break;
            case Rule.AcknowledgedOnceRun:
                services.AddSingleton<IOutgoingGrainCallFilter, AcknowledgedUnrun>();
                break;
            case Rule.GrantFromARead:
                services.AddSingleton<IIncomingGrainCallFilter, GrantFromMemory>();
                break;
            case Rule.ListedBeforeGranted:
                services.AddSingleton<IIncomingGrainCallFilter, GrantWithoutListing>();
                break;
            case Rule.BarrierOfAll:
                services.AddSingleton<IOutgoingGrainCallFilter, BarrierOfMost>();
                break;
            case Rule.RevocationWaits:
                services.AddSingleton<IOutgoingGrainCallFilter, RevocationWithoutBarrier>();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(rule), rule, "No such rule.");
        }
    }

    private sealed class Seen<T>(Action<T> act) : IObserver<T>
    {
        public void OnNext(T value) => act(value);

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
