using Sluice.Grains.Sealing;

namespace Sluice.Silo;

/// <summary>Looks at the root key of the settings without making one.</summary>
public static class RootKeyProbe
{
    /// <summary>Where the key is: the setting, or a file.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="isThere">False: a first start makes it.</param>
    /// <exception cref="SiloStartException">There is one that a silo would refuse, and why.</exception>
    public static string Find(SiloOptions options, out bool isThere)
    {
        var sealing = new SealingOptions { RootKey = options.RootKey, RootKeyFile = options.RootKeyPath };
        isThere = RootKey.IsThere(sealing);
        try
        {
            if (isThere)
            {
                RootKey.Load(sealing);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new SiloStartException(e.Message, e);
        }

        return options.RootKey is null ? options.RootKeyPath : "SLUICE__ROOTKEY";
    }
}
