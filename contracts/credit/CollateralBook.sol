// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {CreditMath, Haircut} from "../libraries/CreditMath.sol";
import {FixedPoint, WAD} from "../libraries/FixedPoint.sol";
import {AccountId} from "../types/AccountId.sol";
import {MarketId} from "../types/MarketId.sol";
import {MarginKind} from "../types/Portfolio.sol";
import {Price} from "../types/Price.sol";
import {PriceStatus} from "../types/PriceStatus.sol";

/// @notice A listed collateral: three slots, the first two are what valuing needs.
struct Collateral {
    uint64 topShare;
    uint64 minShare;
    uint64 maxDiscount;
    uint24 auctionSeconds;
    uint8 decimals;
    MarketId priceMarket;
    bool isListed;
    uint128 sizeSlope;
    uint128 depth;
    uint128 cap;
    uint128 totalNative;
}

/// @notice All collateral: what is listed, and who has how much. A collateral's place in the list is its bit in an account's set.
struct CollateralData {
    address[] listed;
    mapping(address asset => Collateral) terms;
    mapping(AccountId account => mapping(address asset => uint256 amountNative)) amounts;
    mapping(AccountId account => uint256 set) sets;
}

/// @title What accounts have deposited, and what is lent against it
/// @notice Amounts are kept in each token's own decimals; as D18 they round down when they are valued and up when they are sold.
library CollateralBook {
    using SafeCast for uint256;
    using FixedPoint for uint256;

    uint256 internal constant HIGHEST_COUNT = 16;
    uint256 internal constant HIGHEST_DECIMALS = 24;
    uint256 internal constant D18_DECIMALS = 18;
    /// @dev {s}, for so long after it was published the last valid price of a silent feed still counts for judging health.
    uint256 internal constant MAX_PRICE_AGE = 3 days;

    /* TERMS */

    /// @dev Lists an asset or changes its terms, within the hard bounds.
    function setTerms(
        CollateralData storage self,
        address asset,
        ICreditVault.CollateralTerms calldata terms
    ) internal returns (ICreditVault.CollateralTerms memory oldTerms, uint256 decimals) {
        (oldTerms, decimals) = termsOf(self, asset);
        _requireInBounds(asset, terms);
        Collateral storage collateral = self.terms[asset];
        if (!collateral.isListed) {
            uint256 count = self.listed.length;
            if (count >= HIGHEST_COUNT) {
                revert ICreditVault.CollateralNotPossible(asset, count, HIGHEST_COUNT);
            }
            decimals = IERC20Metadata(asset).decimals();
            if (decimals > HIGHEST_DECIMALS) {
                revert ICreditVault.CollateralDecimalsTooMany(asset, decimals, HIGHEST_DECIMALS);
            }
            self.listed.push(asset);
            collateral.decimals = uint8(decimals);
            collateral.isListed = true;
        }
        collateral.topShare = terms.topShare.toUint64();
        collateral.minShare = terms.minShare.toUint64();
        collateral.maxDiscount = terms.maxDiscount.toUint64();
        collateral.auctionSeconds = terms.auctionSeconds.toUint24();
        collateral.priceMarket = terms.priceMarket;
        collateral.sizeSlope = terms.sizeSlope.toUint128();
        collateral.depth = terms.depth.toUint128();
        collateral.cap = terms.cap.toUint128();
    }

    /// @dev The terms of an asset and its decimals; all 0 when it is not listed.
    function termsOf(
        CollateralData storage self,
        address asset
    ) internal view returns (ICreditVault.CollateralTerms memory terms, uint256 decimals) {
        Collateral storage collateral = self.terms[asset];
        terms = ICreditVault.CollateralTerms({
            priceMarket: collateral.priceMarket,
            cap: collateral.cap,
            topShare: collateral.topShare,
            minShare: collateral.minShare,
            sizeSlope: collateral.sizeSlope,
            depth: collateral.depth,
            maxDiscount: collateral.maxDiscount,
            auctionSeconds: collateral.auctionSeconds
        });
        decimals = collateral.decimals;
    }

    function _requireInBounds(address asset, ICreditVault.CollateralTerms calldata terms) private pure {
        _requireWithin(asset, "priceMarket", MarketId.unwrap(terms.priceMarket), 0, 63);
        _requireWithin(asset, "cap", terms.cap, 0, 1e36);
        _requireWithin(asset, "topShare", terms.topShare, 0, 0.95e18);
        _requireWithin(asset, "minShare", terms.minShare, terms.topShare.divUp(2), terms.topShare);
        _requireWithin(asset, "sizeSlope", terms.sizeSlope, 0, 100 * WAD);
        _requireWithin(asset, "depth", terms.depth, 1, 1e36);
        uint256 room = 0.97e18 - terms.topShare;
        _requireWithin(asset, "maxDiscount", terms.maxDiscount, 0.01e18, room < 0.3e18 ? room : 0.3e18);
        _requireWithin(asset, "auctionSeconds", terms.auctionSeconds, 30, 3_600);
    }

    function _requireWithin(address asset, bytes32 term, uint256 value, uint256 lowest, uint256 highest) private pure {
        if (value < lowest || value > highest) {
            revert ICreditVault.CollateralTermOutOfBounds(asset, term, value, lowest, highest);
        }
    }

    /* AMOUNTS */

    /// @dev Adds to an account's collateral, within the cap.
    function add(
        CollateralData storage self,
        AccountId account,
        address asset,
        uint256 amountNative
    ) internal returns (uint256 accountNative, uint256 totalNative) {
        Collateral storage collateral = self.terms[asset];
        totalNative = collateral.totalNative + amountNative;
        uint256 total = toD18Up(totalNative, collateral.decimals);
        if (total > collateral.cap) revert ICreditVault.CollateralCapExceeded(asset, total, collateral.cap);
        collateral.totalNative = totalNative.toUint128();
        accountNative = self.amounts[account][asset] + amountNative;
        self.amounts[account][asset] = accountNative;
        self.sets[account] |= uint256(1) << _placeOf(self, asset);
    }

    /// @dev Takes from an account's collateral.
    function remove(
        CollateralData storage self,
        AccountId account,
        address asset,
        uint256 amountNative
    ) internal returns (uint256 accountNative, uint256 totalNative) {
        uint256 available = self.amounts[account][asset];
        if (amountNative > available) {
            revert ICreditVault.CollateralTooLow(account, asset, available, amountNative);
        }
        Collateral storage collateral = self.terms[asset];
        // The total is the sum of all amounts.
        unchecked {
            accountNative = available - amountNative;
            totalNative = collateral.totalNative - amountNative;
        }
        collateral.totalNative = uint128(totalNative);
        self.amounts[account][asset] = accountNative;
        if (accountNative == 0) self.sets[account] &= ~(uint256(1) << _placeOf(self, asset));
    }

    function _placeOf(CollateralData storage self, address asset) private view returns (uint256 place) {
        while (self.listed[place] != asset) ++place;
    }

    /* VALUE */

    /// @dev The price numbers of an account's collateral, as a set of markets.
    function priceMarketsOf(CollateralData storage self, AccountId account) internal view returns (uint256 markets) {
        uint256 set = self.sets[account];
        for (uint256 place; set != 0; (++place, set >>= 1)) {
            if (set & 1 != 0) markets |= self.terms[self.listed[place]].priceMarket.bit();
        }
    }

    /// @dev Σ amount·price·share over an account's collateral. D18{USD}
    /// @param markets the set that `prices` are of, in ascending order
    function valueDown(
        CollateralData storage self,
        AccountId account,
        uint256 markets,
        Price[] memory prices,
        MarginKind kind
    ) internal view returns (uint256 valueUsd) {
        uint256 set = self.sets[account];
        for (uint256 place; set != 0; (++place, set >>= 1)) {
            if (set & 1 == 0) continue;
            address asset = self.listed[place];
            Collateral storage collateral = self.terms[asset];
            uint256 price = usablePrice(prices[_indexOf(markets, collateral.priceMarket)], kind);
            if (price == 0) continue;
            uint256 amount = toD18Down(self.amounts[account][asset], collateral.decimals);
            valueUsd += CreditMath.valueDown(haircutOf(collateral), amount, price);
        }
    }

    /// @dev The price that counts: a valid one, or, where only health is judged, the last valid one while it is not too old. D18{USD/tok}, 0 for none
    function usablePrice(Price memory price, MarginKind kind) internal view returns (uint256) {
        if (price.status == PriceStatus.Valid) return price.price;
        if (kind == MarginKind.Initial || block.timestamp > price.publishedAt + MAX_PRICE_AGE) return 0;
        return price.price;
    }

    /// @dev Of a listed collateral.
    function haircutOf(Collateral storage collateral) internal view returns (Haircut memory) {
        return
            Haircut({
                topShare: collateral.topShare,
                minShare: collateral.minShare,
                sizeSlope: collateral.sizeSlope,
                depth: collateral.depth
            });
    }

    /// @dev How many markets of the set come before one of it.
    function _indexOf(uint256 markets, MarketId market) private pure returns (uint256 index) {
        uint256 before = markets & (market.bit() - 1);
        for (; before != 0; before &= before - 1) ++index;
    }

    /* UNITS */

    /// @dev D18{tok}
    function toD18Down(uint256 amountNative, uint256 decimals) internal pure returns (uint256) {
        return
            decimals <= D18_DECIMALS
                ? amountNative * 10 ** (D18_DECIMALS - decimals)
                : amountNative / 10 ** (decimals - D18_DECIMALS);
    }

    /// @dev D18{tok}
    function toD18Up(uint256 amountNative, uint256 decimals) internal pure returns (uint256) {
        return
            decimals <= D18_DECIMALS
                ? amountNative * 10 ** (D18_DECIMALS - decimals)
                : amountNative.divUp(10 ** (decimals - D18_DECIMALS));
    }

    /// @dev {qTok}
    function toNativeUp(uint256 amount, uint256 decimals) internal pure returns (uint256) {
        return
            decimals <= D18_DECIMALS
                ? amount.divUp(10 ** (D18_DECIMALS - decimals))
                : amount * 10 ** (decimals - D18_DECIMALS);
    }
}
