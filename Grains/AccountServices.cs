using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Sluice.Grains.Sealing;
using Sluice.Grains.Tenants;

namespace Sluice.Grains;

/// <summary>Registers what the grains of tenants and secrets need.</summary>
internal static class AccountServices
{
    /// <summary>Adds the keyring and the peppers; <see cref="SealingOptions"/> are the host's to set.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services)
    {
        services.TryAddSingleton<KeyringSource>();
        services.TryAddSingleton<PepperSource>();
        return services;
    }
}
