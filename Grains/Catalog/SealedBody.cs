using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Sluice.Grains.Interfaces.Catalog;
using Sluice.Grains.Sealing;
using Sluice.Revisions;
using Sluice.Revisions.Resources;

namespace Sluice.Grains.Catalog;

/// <summary>A <c>Secret</c> as a revision has it.</summary>
internal static class SealedBody
{
    /// <summary>Its value in clear; null where it does not open, which the log then tells: that hurts those who refer to it, not every revision that has it.</summary>
    public static OpenedSecret? Open(Keyring keyring, string workspace, ResourceBody body, ILogger log)
    {
        if (ResourceReader.Read(body.Json).Resource is not SecretResource secret)
        {
            return null;
        }

        try
        {
            return new OpenedSecret(Encoding.UTF8.GetString(keyring.Open(new SealContext(workspace, SecretResource.KindName, secret.Name, secret.Version), secret.Sealed)));
        }
        catch (CryptographicException failure)
        {
            log.LogError("Secret {Name} of workspace {Workspace} does not open: {Reason}", secret.Name, workspace, failure.Message);
            return null;
        }
    }
}
