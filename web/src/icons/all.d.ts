/** The icons alone: `lucide` itself is part of the main chunk, where all of them would come with it. */
declare module "lucide/dist/esm/iconsAndAliases.mjs";
